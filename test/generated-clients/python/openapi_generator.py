"""What a program does with the client that openapi-generator makes for Python.

    python openapi_generator.py walk URL NAME
    python openapi_generator.py later URL ID
"""

import json
import sys

import openapi_client
from openapi_client import ApiClient, ApiException, Configuration, DeploymentsApi, RollbacksApi
from openapi_client.models import DeploymentCreate, DeploymentUpdate, Problem
from walk import next_cursor

command, url, argument = sys.argv[1:]
# A client that is told nothing calls the contract's server.
base = Configuration().host
client = ApiClient(Configuration(host=url))
deployments, rollbacks = DeploymentsApi(client), RollbacksApi(client)


def problem_of(call):
    try:
        call()
    except ApiException as error:
        problem = Problem.from_json(error.body)
        (fault,) = problem.errors or [None]
        return {
            "status": error.status,
            "type": problem.type,
            "parameter": fault and fault.parameter,
        }
    raise AssertionError("The call succeeded")


def create(version):
    return deployments.create_deployment(
        DeploymentCreate(
            name=argument,
            version=version,
            environment="production",
            provider="gcp",
            type="k8s",
            notes="canary",
        )
    )


def deploy(id):
    return deployments.update_deployment(id, DeploymentUpdate(status="deployed"))


def walk():
    first = create("1.0.0")
    deploy(first.id)
    second = create("2.0.0")
    pages, cursor = [], None
    while True:
        page = deployments.list_deployments_with_http_info(name=argument, limit=1, cursor=cursor)
        pages.append([each.version for each in page.data])
        cursor = next_cursor(page.headers.get("Link"))
        if cursor is None:
            break
    deployed = deploy(second.id)
    rollback = rollbacks.rollback_deployment(second.id)
    events = deployments.list_deployment_events(second.id)
    return {
        "base": base,
        "created": {
            "id": str(second.id),
            "status": second.status.value,
            "cell": second.cell,
            "createdAt": round(second.created_at.timestamp() * 1000),
        },
        "read": str(deployments.get_deployment(second.id).id),
        "pages": pages,
        "deployed": deployed.status.value,
        "cleared": deployments.update_deployment(second.id, DeploymentUpdate(notes=None)).notes,
        "rollback": {
            "status": rollback.status.value,
            "trigger": rollback.trigger.value,
            "version": rollback.version,
            "from": str(rollback.rollback_from_deployment_id),
        },
        "copiedFrom": [
            each.version
            for each in rollbacks.get_deployment_lineage(rollback.id).copied_from
        ],
        "events": [
            [event.from_status and event.from_status.value, event.to_status.value]
            for event in events
        ],
        "missing": problem_of(
            lambda: deployments.get_deployment("019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f")
        ),
        "invalid": problem_of(lambda: deployments.list_deployments(cursor="none")),
    }


def text_of(value):
    """An enumeration's value; the text itself where the client was generated without enumerations."""
    return getattr(value, "value", value)


def later():
    deployment = deployments.get_deployment(argument)
    (event,) = deployments.list_deployment_events(argument)
    return {
        "status": text_of(deployment.status),
        "provider": text_of(deployment.provider),
        "type": text_of(deployment.type),
        "trigger": text_of(deployment.trigger),
        "cause": text_of(event.cause),
        "problem": problem_of(
            lambda: deployments.get_deployment("019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f")
        )["type"],
    }


try:
    print(json.dumps(walk() if command == "walk" else later()))
except ValueError as error:
    # What the client raises when a response is not as it was generated to be.
    print(json.dumps({"refused": type(error).__name__}))
