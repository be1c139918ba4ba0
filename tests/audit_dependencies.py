"""Look up known faults of the locked dependencies, where the list of faults can be reached.

Exit codes: 0 none known, or nothing could be looked up (said plainly); 1 a dependency has one.
"""

import json
import subprocess
import sys
from pathlib import Path

AUDIT = Path(sys.executable).with_name("pip-audit")


def main(requirements: str) -> int:
    """Audit one lock file and say what was found, and what could not be looked up."""
    command = [str(AUDIT), "--require-hashes", "--disable-pip", "-r", requirements]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "20"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("Dependency audit: the list of known faults could not be reached; NOT audited.")
        return 0
    skipped = [one["name"] for one in found if "skip_reason" in one]
    faulty = [one for one in found if one.get("vulns")]
    for one in faulty:
        faults = ", ".join(fault["id"] for fault in one["vulns"])
        print(f"error: {one['name']} {one['version']} has known faults: {faults}")
    audited = len(found) - len(skipped)
    print(f"Dependency audit: {audited} looked up, {len(faulty)} with known faults", end="; ")
    print(f"{len(skipped)} could NOT be looked up here.")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
