"""The command line: `python -m kstack_lib credential-process`, for profiles of AWS."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from kstack_lib import __version__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kstack_lib", description="The right credentials.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    process = commands.add_parser(
        "credential-process",
        help="print credentials for AWS's credential_process",
        description="Prints the credentials of a service as JSON, for credential_process in a profile of AWS.",
    )
    process.add_argument("--service", required=True, help='such as "s3"')
    process.add_argument("--layer", required=True, help='such as "layer3"')
    process.add_argument("--environment", help="default: the detected one")
    process.add_argument(
        "--project-root",
        help="the folder where the search for .kstack.yaml and the vault begins; default: the working directory",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors go to standard error."""
    options = _parser().parse_args(arguments)
    try:
        # Imported here, since it loads the library: without one, an SDK should show one line, not a traceback.
        from kstack_lib._core.client import Client
        from kstack_lib._errors import KStackError
    except ImportError as error:
        print(f"kstack: {error}", file=sys.stderr)
        return 1
    try:
        with Client(project_root=options.project_root) as client:
            answer = client.aws_credential_process(options.service, options.layer, options.environment)
    except KStackError as error:
        print(f"kstack: {error}", file=sys.stderr)
        return 1
    print(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
