// The platform of this project as an AWS CDK app, to measure beside: N services (environment), synthesized with CDK's own
// validation, and with cdk-nag unless NAG=0. CDK_VALIDATION=false, CDK's own variable, leaves its validation out.
const { App, Duration, RemovalPolicy, Stack, Validations } = require("aws-cdk-lib");
const cloudwatch = require("aws-cdk-lib/aws-cloudwatch");
const codebuild = require("aws-cdk-lib/aws-codebuild");
const codecommit = require("aws-cdk-lib/aws-codecommit");
const codepipeline = require("aws-cdk-lib/aws-codepipeline");
const actions = require("aws-cdk-lib/aws-codepipeline-actions");
const ec2 = require("aws-cdk-lib/aws-ec2");
const ecr = require("aws-cdk-lib/aws-ecr");
const ecs = require("aws-cdk-lib/aws-ecs");
const elb = require("aws-cdk-lib/aws-elasticloadbalancingv2");
const events = require("aws-cdk-lib/aws-events");
const logs = require("aws-cdk-lib/aws-logs");
const rds = require("aws-cdk-lib/aws-rds");
const s3 = require("aws-cdk-lib/aws-s3");
const targets = require("aws-cdk-lib/aws-events-targets");
const { AwsSolutionsChecks } = require("cdk-nag");

const SERVICES = Number(process.env.N ?? 4);
// CloudFormation takes 500 resources a stack.
const SERVICES_A_STACK = 8;
const PORT = 3000;
const LIMIT = 5;

function base(app) {
  const stack = new Stack(app, "Base");
  const vpc = new ec2.Vpc(stack, "Vpc", { maxAzs: 2, natGateways: 1 });
  const cluster = new ecs.Cluster(stack, "Cluster", {
    vpc,
    containerInsightsV2: ecs.ContainerInsights.ENABLED,
    defaultCloudMapNamespace: { name: "dev-ns", useForServiceConnect: true },
  });
  const balancer = new elb.ApplicationLoadBalancer(stack, "Alb", { vpc, internetFacing: true });
  const listener = balancer.addListener("Http", { port: 80, defaultAction: elb.ListenerAction.fixedResponse(404) });
  const engine = rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_0 });
  const database = new rds.DatabaseInstance(stack, "Db", {
    engine,
    vpc,
    instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
    credentials: rds.Credentials.fromGeneratedSecret("app"),
    parameterGroup: new rds.ParameterGroup(stack, "Parameters", {
      engine,
      parameters: { max_connections: String(SERVICES * LIMIT * 2 + 100), wait_timeout: "60" },
    }),
    storageEncrypted: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const clients = new ec2.SecurityGroup(stack, "DbClients", { vpc, allowAllOutbound: true });
  database.connections.allowDefaultPortFrom(clients);
  const artifacts = new s3.Bucket(stack, "Artifacts", {
    encryption: s3.BucketEncryption.KMS_MANAGED,
    enforceSSL: true,
    versioned: true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    lifecycleRules: [{ expiration: Duration.days(400) }],
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return { vpc, cluster, balancer, listener, database, clients, artifacts };
}

function taskDefinition(stack, name, image, platform) {
  const definition = new ecs.FargateTaskDefinition(stack, `${name}Task`, {
    family: `dev-${name}`,
    cpu: 256,
    memoryLimitMiB: 512,
  });
  definition.addContainer(name, {
    image,
    environment: {
      ENVIRONMENT: "development",
      DB_HOST: platform.database.dbInstanceEndpointAddress,
      DB_CONN_LIMIT: String(LIMIT),
    },
    secrets: { DB_PASSWORD: ecs.Secret.fromSecretsManager(platform.database.secret, "password") },
    portMappings: [{ containerPort: PORT, name: `server-${PORT}-tcp` }],
    logging: ecs.LogDrivers.awsLogs({
      streamPrefix: name,
      logGroup: new logs.LogGroup(stack, `${name}Log`, {
        retention: logs.RetentionDays.TWO_WEEKS,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    }),
    healthCheck: { command: ["CMD-SHELL", `wget -qO- http://127.0.0.1:${PORT}/ || exit 1`] },
  });
  return definition;
}

function service(stack, name, number, platform) {
  const repository = new ecr.Repository(stack, `${name}Images`, {
    repositoryName: `dev-${name}`,
    imageScanOnPush: true,
    imageTagMutability: ecr.TagMutability.IMMUTABLE,
    lifecycleRules: [{ tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(14) }],
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const image = ecs.ContainerImage.fromEcrRepository(repository, "0123456789abcdef");
  const group = new ec2.SecurityGroup(stack, `${name}Group`, { vpc: platform.vpc, allowAllOutbound: true });
  const running = new ecs.FargateService(stack, name, {
    serviceName: `dev-${name}`,
    cluster: platform.cluster,
    taskDefinition: taskDefinition(stack, name, image, platform),
    desiredCount: 1,
    circuitBreaker: { rollback: true },
    minHealthyPercent: 100,
    securityGroups: [group, platform.clients],
    serviceConnectConfiguration: {
      services: [{ portMappingName: `server-${PORT}-tcp`, discoveryName: name, port: PORT }],
    },
  });
  const group80 = new elb.ApplicationTargetGroup(stack, `${name}Target`, {
    vpc: platform.vpc,
    port: PORT,
    protocol: elb.ApplicationProtocol.HTTP,
    targets: [running],
    healthCheck: { path: "/" },
  });
  new elb.ApplicationListenerRule(stack, `${name}Rule`, {
    listener: platform.listener,
    priority: 100 + number,
    conditions: [elb.ListenerCondition.pathPatterns([`/${name}*`])],
    targetGroups: [group80],
  });
  running.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 1 });
  const metrics = {
    Cpu: running.metricCpuUtilization(),
    Memory: running.metricMemoryUtilization(),
    Errors: group80.metrics.httpCodeTarget(elb.HttpCodeTarget.TARGET_5XX_COUNT),
    Unhealthy: group80.metrics.unhealthyHostCount(),
  };
  for (const [what, metric] of Object.entries(metrics)) {
    new cloudwatch.Alarm(stack, `${name}${what}`, { metric, threshold: 90, evaluationPeriods: 3 });
  }
  pipeline(stack, name, running, repository, platform);
}

function pipeline(stack, name, running, repository, platform) {
  const source = new codepipeline.Artifact();
  const built = new codepipeline.Artifact();
  const project = new codebuild.PipelineProject(stack, `${name}Build`, {
    projectName: `dev-${name}-build`,
    environment: { buildImage: codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0, privileged: true },
    environmentVariables: { REPOSITORY_URI: { value: repository.repositoryUri } },
    buildSpec: codebuild.BuildSpec.fromObject({
      version: "0.2",
      phases: { build: { commands: ["docker build -t $REPOSITORY_URI .", "docker push $REPOSITORY_URI"] } },
      artifacts: { files: ["imagedefinitions.json"] },
    }),
  });
  repository.grantPullPush(project);
  new codepipeline.Pipeline(stack, `${name}Pipeline`, {
    pipelineName: `dev-${name}`,
    pipelineType: codepipeline.PipelineType.V2,
    artifactBucket: platform.artifacts,
    stages: [
      {
        stageName: "Source",
        actions: [
          new actions.CodeCommitSourceAction({
            actionName: "Source",
            repository: new codecommit.Repository(stack, `${name}Source`, { repositoryName: `dev-${name}` }),
            branch: "develop",
            output: source,
          }),
        ],
      },
      {
        stageName: "Build",
        actions: [new actions.CodeBuildAction({ actionName: "Build", project, input: source, outputs: [built] })],
      },
      {
        stageName: "Deploy",
        actions: [new actions.EcsDeployAction({ actionName: "Deploy", service: running, input: built })],
      },
    ],
  });
}

function job(stack, platform) {
  const image = ecs.ContainerImage.fromRegistry("public.ecr.aws/docker/library/busybox:1.37.0");
  new events.Rule(stack, "Nightly", {
    schedule: events.Schedule.cron({ hour: "2", minute: "0" }),
    targets: [
      new targets.EcsTask({
        cluster: platform.cluster,
        taskDefinition: taskDefinition(stack, "nightly", image, platform),
        securityGroups: [platform.clients],
      }),
    ],
  });
}

const app = new App({ outdir: process.env.CDK_OUTDIR });
if (process.env.NAG !== "0") Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const platform = base(app);
job(new Stack(app, "Jobs"), platform);
for (let first = 0; first < SERVICES; first += SERVICES_A_STACK) {
  const stack = new Stack(app, `Services${first / SERVICES_A_STACK}`);
  for (let number = first; number < Math.min(SERVICES, first + SERVICES_A_STACK); number += 1) {
    service(stack, `service-${String(number).padStart(3, "0")}`, number, platform);
  }
}
app.synth();
