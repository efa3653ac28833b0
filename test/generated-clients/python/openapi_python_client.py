"""What a program does with the client that openapi-python-client makes.

    python openapi_python_client.py walk URL NAME
    python openapi_python_client.py later URL ID
"""

import json
import sys
from uuid import UUID

from deployments import Client
from deployments.api.deployments import (
    create_deployment,
    get_deployment,
    list_deployment_events,
    list_deployments,
    update_deployment,
)
from deployments.api.rollbacks import get_deployment_lineage, rollback_deployment
from deployments.models import DeploymentCreate, DeploymentUpdate, Problem
from deployments.types import UNSET
from walk import next_cursor

command, url, argument = sys.argv[1:]
client = Client(base_url=url)
unknown = UUID("019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f")


def done(answer):
    if answer is None or isinstance(answer, Problem):
        raise AssertionError(answer)
    return answer


def problem_of(response):
    problem = response.parsed
    if not isinstance(problem, Problem):
        raise AssertionError(response)
    (fault,) = problem.errors or [None]
    return {
        "status": int(response.status_code),
        "type": text_of(problem.type_),
        "parameter": fault and fault.parameter,
    }


def text_of(value):
    """An enumeration's value; the text itself where the client was generated without enumerations."""
    return getattr(value, "value", value)


def create(version):
    body = DeploymentCreate.from_dict(
        {
            "name": argument,
            "version": version,
            "environment": "production",
            "provider": "gcp",
            "type": "k8s",
            "notes": "canary",
        }
    )
    return done(create_deployment.sync(client=client, body=body))


def change(id, fields):
    return done(
        update_deployment.sync(id, client=client, body=DeploymentUpdate.from_dict(fields))
    )


def walk():
    first = create("1.0.0")
    change(first.id, {"status": "deployed"})
    second = create("2.0.0")
    pages, cursor = [], UNSET
    while cursor is not None:
        page = list_deployments.sync_detailed(client=client, name=argument, limit=1, cursor=cursor)
        pages.append([each.version for each in done(page.parsed)])
        cursor = next_cursor(page.headers.get("Link"))
    deployed = change(second.id, {"status": "deployed"})
    rollback = done(rollback_deployment.sync(second.id, client=client))
    lineage = done(get_deployment_lineage.sync(rollback.id, client=client))
    return {
        # It has to be told where to call.
        "base": None,
        "created": {
            "id": str(second.id),
            "status": second.status.value,
            "cell": second.cell,
            "createdAt": round(second.created_at.timestamp() * 1000),
        },
        "read": str(done(get_deployment.sync(second.id, client=client)).id),
        "pages": pages,
        "deployed": deployed.status.value,
        "cleared": change(second.id, {"notes": None}).notes,
        "rollback": {
            "status": rollback.status.value,
            "trigger": rollback.trigger.value,
            "version": rollback.version,
            "from": str(rollback.rollback_from_deployment_id),
        },
        "copiedFrom": [each.version for each in lineage.copied_from],
        "events": [
            [event.from_status and event.from_status.value, event.to_status.value]
            for event in done(list_deployment_events.sync(second.id, client=client))
        ],
        "missing": problem_of(get_deployment.sync_detailed(unknown, client=client)),
        "invalid": problem_of(list_deployments.sync_detailed(client=client, cursor="none")),
    }


def later():
    deployment = done(get_deployment.sync(UUID(argument), client=client))
    (event,) = done(list_deployment_events.sync(UUID(argument), client=client))
    return {
        "status": text_of(deployment.status),
        "provider": text_of(deployment.provider),
        "type": text_of(deployment.type_),
        "trigger": text_of(deployment.trigger),
        "cause": text_of(event.cause),
        "problem": problem_of(get_deployment.sync_detailed(unknown, client=client))["type"],
    }


try:
    print(json.dumps(walk() if command == "walk" else later()))
except ValueError as error:
    # What the client raises when a response is not as it was generated to be.
    print(json.dumps({"refused": type(error).__name__}))
