#!/bin/sh
# Lists projects with curl alone: Connect is JSON over HTTP. HEXKEEP is the server's origin, TOKEN who calls.
set -eu

# A call is a POST of its message; fields may be left out.
curl --fail-with-body --silent "$HEXKEEP/hexkeep.management.v1.ProjectService/ListProjects" \
  --header "Authorization: Bearer $TOKEN" --json '{"limit": 10, "status": "STATUS_ACTIVE"}'
echo

# What only reads may be asked with GET.
curl --fail-with-body --silent --get "$HEXKEEP/hexkeep.management.v1.ProjectService/ListProjects" \
  --header "Authorization: Bearer $TOKEN" \
  --data-urlencode 'connect=v1' --data-urlencode 'encoding=json' --data-urlencode 'message={"limit": 10}'
echo
