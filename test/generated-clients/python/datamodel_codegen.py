"""What a program does with the models for pydantic 2 that datamodel-codegen makes, and httpx.

    python datamodel_codegen.py walk URL NAME
    python datamodel_codegen.py later URL ID
"""

import json
import sys

import httpx
import models
from pydantic import TypeAdapter, ValidationError
from walk import next_cursor

command, url, argument = sys.argv[1:]
http = httpx.Client(base_url=url)
unknown = "/v1/deployments/019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f"
deployments = TypeAdapter(list[models.Deployment])
events = TypeAdapter(list[models.DeploymentEvent])


def problem_of(response):
    problem = models.Problem.model_validate_json(response.content)
    (fault,) = problem.errors or [None]
    return {
        "status": response.status_code,
        "type": text_of(problem.type),
        "parameter": fault and fault.parameter,
    }


def text_of(value):
    """An enumeration's value; the text itself where the models were generated without enumerations."""
    return getattr(value, "value", value)


def send(method, path, body=None):
    # What was not set is not sent, so that null is what a caller wrote.
    content = body and body.model_dump_json(exclude_unset=True)
    response = http.request(
        method, path, content=content, headers={"Content-Type": "application/json"}
    )
    return response.raise_for_status().content


def create(version):
    body = models.DeploymentCreate(
        name=argument,
        version=version,
        environment="production",
        provider="gcp",
        type="k8s",
        notes="canary",
    )
    return models.Deployment.model_validate_json(send("POST", "/v1/deployments", body))


def change(deployment, **fields):
    path = f"/v1/deployments/{deployment.id}"
    body = models.DeploymentUpdate(**fields)
    return models.Deployment.model_validate_json(send("PATCH", path, body))


def walk():
    first = create("1.0.0")
    change(first, status="deployed")
    second = create("2.0.0")
    path = f"/v1/deployments/{second.id}"
    pages, query = [], {"name": argument, "limit": 1}
    while True:
        page = http.get("/v1/deployments", params=query)
        pages.append([each.version for each in deployments.validate_json(page.content)])
        cursor = next_cursor(page.headers.get("Link"))
        if cursor is None:
            break
        query["cursor"] = cursor
    deployed = change(second, status="deployed")
    rollback = models.Deployment.model_validate_json(send("POST", f"{path}/rollback"))
    lineage = models.Lineage.model_validate_json(
        send("GET", f"/v1/deployments/{rollback.id}/lineage")
    )
    return {
        # The models know nothing of servers.
        "base": None,
        "created": {
            "id": str(second.id),
            "status": second.status.value,
            "cell": second.cell,
            "createdAt": round(second.created_at.timestamp() * 1000),
        },
        "read": str(models.Deployment.model_validate_json(send("GET", path)).id),
        "pages": pages,
        "deployed": deployed.status.value,
        "cleared": change(second, notes=None).notes,
        "rollback": {
            "status": rollback.status.value,
            "trigger": rollback.trigger.value,
            "version": rollback.version,
            "from": str(rollback.rollback_from_deployment_id),
        },
        "copiedFrom": [each.version for each in lineage.copied_from],
        "events": [
            [event.from_status and event.from_status.value, event.to_status.value]
            for event in events.validate_json(send("GET", f"{path}/events"))
        ],
        "missing": problem_of(http.get(unknown)),
        "invalid": problem_of(http.get("/v1/deployments", params={"cursor": "none"})),
    }


def later():
    path = f"/v1/deployments/{argument}"
    deployment = models.Deployment.model_validate_json(send("GET", path))
    (event,) = events.validate_json(send("GET", f"{path}/events"))
    return {
        "status": text_of(deployment.status),
        "provider": text_of(deployment.provider),
        "type": text_of(deployment.type),
        "trigger": text_of(deployment.trigger),
        "cause": text_of(event.cause),
        "problem": problem_of(http.get(unknown))["type"],
    }


try:
    print(json.dumps(walk() if command == "walk" else later()))
except ValidationError as error:
    # What pydantic raises when a response is not as the models were generated to be.
    print(json.dumps({"refused": type(error).__name__}))
