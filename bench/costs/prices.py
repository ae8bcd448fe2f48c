"""List prices in US dollars, of us-east-1 where they differ by region, without the free tiers; November 2026.

Looked up in stored copies of these pages, not on the day: look again before you rely on a figure.
https://aws.amazon.com/lambda/pricing/  https://aws.amazon.com/dynamodb/pricing/on-demand/
https://aws.amazon.com/s3/pricing/  https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/
https://aws.amazon.com/cloudwatch/pricing/  https://aws.amazon.com/secrets-manager/pricing/
https://aws.amazon.com/waf/pricing/  https://aws.amazon.com/kms/pricing/  https://aws.amazon.com/cognito/pricing/
https://upstash.com/docs/redis/overall/billing
"""

MILLION = 1e6
GB = 1e9
GB_SECOND = 0.0000166667
GB_SECOND_ARM = 0.0000133334
LAMBDA_REQUEST = 0.20 / MILLION
SNAPSHOT_GB_SECOND = 0.0000015046
RESTORED_GB = 0.0001397998
DYNAMODB_READ = 0.125 / MILLION
DYNAMODB_WRITE = 0.625 / MILLION
DYNAMODB_GB_MONTH = 0.25
DYNAMODB_BACKUP_GB_MONTH = 0.20
S3_READ = 0.0004 / 1000
S3_WRITE = 0.005 / 1000
S3_GB_MONTH = 0.023
REDIS_COMMAND = 0.20 / 100_000
REDIS_GB_MONTH = 0.25
EDGE_REQUEST = 0.0100 / 10_000
EDGE_BYTE = 0.085 / GB
EDGE_FUNCTION = 0.10 / MILLION
LOG_BYTE = 0.50 / GB
METRIC_MONTH = 0.30
ALARM_METRIC_MONTH = 0.10
DASHBOARD_MONTH = 3.00
SECRET_MONTH = 0.40
SECRET_READ = 0.05 / 10_000
KMS_KEY_MONTH = 1.00
WAF_MONTH = 5.00 + 1.00
WAF_REQUEST = 0.60 / MILLION
COGNITO_USER_MONTH = 0.015
COGNITO_FREE_USERS = 10_000
