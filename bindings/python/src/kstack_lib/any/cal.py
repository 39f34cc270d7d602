"""boto3 sessions and clients for the services of a layer, in every context.

boto3 is not installed with this package: `pip install "kstack-lib[aws]"`, and for asyncio
`pip install "kstack-lib[aws-async]"`.
"""

from kstack_lib._core.boto import BotoSessionFactory, client, get_cloud_session_factory, session

__all__ = ["BotoSessionFactory", "client", "get_cloud_session_factory", "session"]
