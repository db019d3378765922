"""AWS's code services: CodeBuild, CodeCommit, CodePipeline."""
