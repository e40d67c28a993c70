#!/bin/sh
# Looks for known vulnerabilities in what the program links. Where the database cannot be reached the
# answer is unknown: that is said, and fails only with STRICT=1.
out=$(go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./... 2>&1)
code=$?
case $out in
*"no such host"* | *"connection refused"* | *"i/o timeout"* | *"dial tcp"* | *"fetching vulnerabilities"*)
	echo "govulncheck: its database cannot be reached from here; run make check again with a network (STRICT=1 makes this an error)"
	[ "${STRICT:-0}" = 1 ] && exit 1
	exit 0
	;;
esac
echo "$out"
exit $code
