"""Actions of IAM that AWS allows on every resource or on none.

Source: Service Authorization Reference, "Actions, resources, and condition keys": actions without resource types, or whose plain use
names none. Those that people give to tasks, builds, pipelines and monitoring; further ones are settings of iam-no-star-resources.
"""

from __future__ import annotations

from collections.abc import Mapping

_WIDE: Mapping[str, str] = {
    "acm": "ListCertificates RequestCertificate",
    "application-autoscaling": "Describe*",
    "autoscaling": "Describe*",
    "backup": (
        "DescribeBackupJob DescribeCopyJob DescribeRestoreJob ListBackupJobs ListBackupPlans ListBackupVaults "
        "ListProtectedResources ListRestoreJobs"
    ),
    "batch": "DescribeJobs ListJobs",
    "bedrock": "ListFoundationModels ListInferenceProfiles",
    "ce": "GetCostAndUsage GetCostForecast GetDimensionValues GetTags ListCostAllocationTags",
    "cloudfront": "ListCachePolicies ListDistributions ListFunctions ListOriginAccessControls ListOriginRequestPolicies",
    "cloudtrail": "DescribeTrails ListTrails LookupEvents",
    "cloudwatch": (
        "DescribeAlarmsForMetric DescribeAnomalyDetectors DescribeInsightRules GetMetricData GetMetricStatistics "
        "GetMetricWidgetImage ListDashboards ListMetricStreams ListMetrics PutMetricData"
    ),
    "codebuild": (
        "ListBuilds ListCuratedEnvironmentImages ListProjects ListReportGroups ListReports ListSourceCredentials"
    ),
    "codepipeline": "AcknowledgeJob GetJobDetails ListActionTypes ListPipelines PutJobFailureResult PutJobSuccessResult",
    "comprehend": "BatchDetect* Detect*",
    "dynamodb": "DescribeEndpoints DescribeLimits ListBackups ListGlobalTables ListStreams ListTables",
    "ec2": "Describe* GetEbsEncryptionByDefault",
    "ec2messages": "*",
    "ecr": (
        "DescribePullThroughCacheRules DescribeRegistry GetAuthorizationToken GetRegistryPolicy "
        "GetRegistryScanningConfiguration"
    ),
    "ecr-public": "GetAuthorizationToken",
    "ecs": (
        "DeregisterTaskDefinition DescribeTaskDefinition DiscoverPollEndpoint ListAccountSettings ListClusters "
        "ListServices ListServicesByNamespace ListTaskDefinitionFamilies ListTaskDefinitions RegisterTaskDefinition"
    ),
    "elasticloadbalancing": "Describe*",
    "events": (
        "ListApiDestinations ListArchives ListConnections ListEventBuses ListRuleNamesByTarget ListRules "
        "TestEventPattern"
    ),
    "firehose": "ListDeliveryStreams",
    "guardduty": "ListDetectors",
    "health": "DescribeEventAggregates DescribeEventTypes DescribeEvents",
    "iam": (
        "GenerateCredentialReport GetAccountAuthorizationDetails GetAccountPasswordPolicy GetAccountSummary "
        "GetCredentialReport ListAccountAliases ListGroups ListInstanceProfiles ListOpenIDConnectProviders "
        "ListPolicies ListRoles ListSAMLProviders ListServerCertificates ListUsers"
    ),
    "kinesis": "DescribeLimits ListStreams",
    "kms": "CreateKey DescribeCustomKeyStores GenerateRandom ListAliases ListKeys",
    "lambda": "GetAccountSettings ListEventSourceMappings ListFunctions ListLayerVersions ListLayers",
    "logs": (
        "CreateLogDelivery DeleteLogDelivery DescribeDeliveries DescribeDestinations DescribeExportTasks "
        "DescribeLogGroups DescribeQueries DescribeQueryDefinitions DescribeResourcePolicies GetLogDelivery "
        "ListLogDeliveries ListLogGroups PutResourcePolicy StopQuery TestMetricFilter UpdateLogDelivery"
    ),
    "organizations": "DescribeOrganization ListAccounts ListDelegatedAdministrators ListRoots",
    "polly": "DescribeVoices SynthesizeSpeech",
    "pricing": "*",
    "rds": (
        "DescribeAccountAttributes DescribeCertificates DescribeDBEngineVersions DescribeEventCategories "
        "DescribeEvents DescribeOrderableDBInstanceOptions DescribeSourceRegions"
    ),
    "rekognition": "CompareFaces DetectFaces DetectLabels DetectModerationLabels DetectText",
    "route53": (
        "CreateHealthCheck GetHostedZoneCount ListHealthChecks ListHostedZones ListHostedZonesByName "
        "ListHostedZonesByVPC TestDNSAnswer"
    ),
    "s3": "GetAccountPublicAccessBlock ListAccessPoints ListAllMyBuckets",
    "scheduler": "ListScheduleGroups ListSchedules",
    "secretsmanager": "BatchGetSecretValue GetRandomPassword ListSecrets",
    "servicediscovery": "DiscoverInstances ListNamespaces ListOperations ListServices",
    "servicequotas": (
        "GetAWSDefaultServiceQuota GetServiceQuota ListAWSDefaultServiceQuotas ListServiceQuotas ListServices"
    ),
    "ses": "GetAccount GetSendQuota GetSendStatistics ListEmailIdentities ListIdentities",
    "sns": "CheckIfPhoneNumberIsOptedOut GetSMSAttributes ListSubscriptions ListTopics",
    "sqs": "ListQueues",
    "ssm": (
        "DescribeAvailablePatches DescribeInstanceInformation DescribeMaintenanceWindows DescribeParameters "
        "DescribeSessions GetCommandInvocation GetDeployablePatchSnapshotForInstance GetInventory GetManifest "
        "ListAssociations ListCommandInvocations ListCommands ListDocuments ListInventoryEntries "
        "PutConfigurePackageResult PutInventory"
    ),
    "ssmmessages": "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel",
    "states": (
        "ListActivities ListStateMachines SendTaskFailure SendTaskHeartbeat SendTaskSuccess "
        "ValidateStateMachineDefinition"
    ),
    "sts": "DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity GetServiceBearerToken GetSessionToken",
    "tag": "DescribeReportCreation GetComplianceSummary GetResources GetTagKeys GetTagValues",
    "textract": (
        "AnalyzeDocument AnalyzeExpense AnalyzeID DetectDocumentText GetDocumentAnalysis GetDocumentTextDetection "
        "StartDocumentAnalysis StartDocumentTextDetection"
    ),
    "transcribe": "StartStreamTranscription StartStreamTranscriptionWebSocket",
    "translate": "ListLanguages TranslateText",
    "wafv2": "CheckCapacity ListAvailableManagedRuleGroups ListIPSets ListRuleGroups ListWebACLs",
    "xray": (
        "BatchGetTraces GetGroups GetSamplingRules GetSamplingStatisticSummaries GetSamplingTargets GetServiceGraph "
        "GetTraceGraph GetTraceSummaries PutTelemetryRecords PutTraceSegments"
    ),
}
"""Service to its actions, or patterns of them, separated by spaces."""
WIDE = tuple(f"{service}:{action}" for service, actions in _WIDE.items() for action in actions.split())
"""Such as "ecr:GetAuthorizationToken"."""
