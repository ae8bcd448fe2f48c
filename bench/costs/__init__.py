"""What a thousand turns cost: `make costs` counts one, and writes the tables of COSTS.md.

`turn` plays a turn of a minute and what belongs to it on the local stack, `counted_aws` counts what DynamoDB
and S3 are asked, `prices` has the list prices, `table` makes lines of both. counts.json keeps the counts.
"""
