#!/usr/bin/env bash
# What the formatter cannot see.
set -euo pipefail

status=0
complain() { echo "check: $1" >&2; status=1; }

# A file above 400 lines is hardly one idea.
while read -r lines file; do
    [ "$file" = total ] || [ "$lines" -le 400 ] || complain "$file has $lines lines"
done < <(git ls-files -z 'Sources/*.swift' | xargs -0 wc -l)

# Traps on data from outside.
if git grep -nE '(^|[^a-zA-Z])(try!|as! |fatalError\(|try\?)' -- 'Sources/*.swift'; then complain "traps or swallowed errors (above)"; fi
if git grep -nE 'Task\.detached|(^|[^a-zA-Z])Task \{' -- 'Sources/*.swift'; then complain "loose tasks (above)"; fi

# Nothing waits by sleeping in a test.
if git grep -nE '(Thread|Task)\.sleep|(^|[^a-zA-Z.])(u|nano)?sleep\([0-9&]' -- 'Tests/*.swift' 'Sources/SpoolTestSupport/*.swift'; then
    complain "sleeps in tests (above)"
fi

# Every library target has tests of its name, or is a C module, an executable or test support.
for target in Sources/*/; do
    name=$(basename "$target")
    case $name in C[A-Z]*|kusto-*|*TestSupport) continue ;; esac
    [ -d "Tests/${name}Tests" ] || complain "$name has no tests of its name"
done
exit $status
