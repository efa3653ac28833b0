// What a program does with the client that oapi-codegen makes.
//
//	oapicodegen walk URL NAME
//	oapicodegen later URL ID
package main

import (
	"context"
	"os"

	"clients/oapicodegen/deployments"
	"clients/walk"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
)

var (
	ctx     = context.Background()
	client  *deployments.ClientWithResponses
	unknown = uuid.MustParse(walk.Unknown)
)

func main() {
	command, url, argument := os.Args[1], os.Args[2], os.Args[3]
	base := walk.Must(
		deployments.NewServerUrlTheService(deployments.ServerUrlTheServiceOriginVariableDefault),
	)
	client = walk.Must(deployments.NewClientWithResponses(url))
	if command == "walk" {
		walk.Print(calls(base, argument))
	} else {
		walk.Print(later(uuid.MustParse(argument)))
	}
}

// done ends the program when a call was refused.
func done[T any](body *T, problem []byte) T {
	if body == nil {
		panic(string(problem))
	}
	return *body
}

func told(problem *deployments.Problem) walk.Problem {
	told := walk.Problem{Status: problem.Status, Type: string(problem.Type)}
	if problem.Errors != nil {
		told.Parameter = (*problem.Errors)[0].Parameter
	}
	return told
}

func create(name, version string) deployments.Deployment {
	response := walk.Must(client.CreateDeploymentWithResponse(
		ctx, &deployments.CreateDeploymentParams{}, deployments.DeploymentCreate{
			Name:        name,
			Version:     version,
			Environment: "production",
			Provider:    deployments.Gcp,
			Type:        deployments.K8s,
			Notes:       nullable.NewNullableWithValue("canary"),
		},
	))
	return done(response.JSON201, response.Body)
}

func change(id uuid.UUID, update deployments.DeploymentUpdate) deployments.Deployment {
	response := walk.Must(client.UpdateDeploymentWithResponse(
		ctx, id, &deployments.UpdateDeploymentParams{}, update,
	))
	return done(response.JSON200, response.Body)
}

func get(id uuid.UUID) *deployments.GetDeploymentResponse {
	return walk.Must(client.GetDeploymentWithResponse(ctx, id, &deployments.GetDeploymentParams{}))
}

func events(id uuid.UUID) []deployments.DeploymentEvent {
	response := walk.Must(client.ListDeploymentEventsWithResponse(
		ctx, id, &deployments.ListDeploymentEventsParams{},
	))
	return done(response.JSON200, response.Body)
}

func list(params deployments.ListDeploymentsParams) *deployments.ListDeploymentsResponse {
	return walk.Must(client.ListDeploymentsWithResponse(ctx, &params))
}

func calls(base, name string) walk.Result {
	status := deployments.Deployed
	first := create(name, "1.0.0")
	change(first.Id, deployments.DeploymentUpdate{Status: &status})
	second := create(name, "2.0.0")

	var pages [][]string
	limit := 1
	params := deployments.ListDeploymentsParams{Name: &name, Limit: &limit}
	for more := true; more; {
		response := list(params)
		pages = append(pages, versions(done(response.JSON200, response.Body)))
		cursor := walk.NextCursor(response.HTTPResponse.Header.Get("Link"))
		params.Cursor = &cursor
		more = cursor != ""
	}

	deployed := change(second.Id, deployments.DeploymentUpdate{Status: &status})
	rolledBack := walk.Must(client.RollbackDeploymentWithResponse(
		ctx, second.Id, &deployments.RollbackDeploymentParams{}, deployments.RollbackRequest{},
	))
	rollback := done(rolledBack.JSON201, rolledBack.Body)
	traced := walk.Must(client.GetDeploymentLineageWithResponse(
		ctx, rollback.Id, &deployments.GetDeploymentLineageParams{},
	))
	var changes [][2]*string
	for _, event := range events(second.Id) {
		to := string(event.ToStatus)
		var from *string
		if !event.FromStatus.IsNull() {
			text := string(event.FromStatus.MustGet())
			from = &text
		}
		changes = append(changes, [2]*string{from, &to})
	}
	cleared := change(second.Id, deployments.DeploymentUpdate{
		Notes: nullable.NewNullNullable[string](),
	})
	none := "none"
	read := get(second.Id)
	return walk.Result{
		Base: &base,
		Created: walk.Created{
			ID:        second.Id.String(),
			Status:    string(second.Status),
			Cell:      text(second.Cell),
			CreatedAt: second.CreatedAt.UnixMilli(),
		},
		Read:     done(read.JSON200, read.Body).Id.String(),
		Pages:    pages,
		Deployed: string(deployed.Status),
		Cleared:  text(cleared.Notes),
		Rollback: walk.Rollback{
			Status:  string(rollback.Status),
			Trigger: string(rollback.Trigger),
			Version: rollback.Version,
			From:    rollback.RollbackFromDeploymentId.MustGet().String(),
		},
		CopiedFrom: versions(done(traced.JSON200, traced.Body).CopiedFrom),
		Events:     changes,
		Missing:    told(get(unknown).ApplicationproblemJSON404),
		Invalid: told(
			list(deployments.ListDeploymentsParams{Cursor: &none}).ApplicationproblemJSON422,
		),
	}
}

func versions(page []deployments.Deployment) []string {
	var told []string
	for _, deployment := range page {
		told = append(told, deployment.Version)
	}
	return told
}

// text is a field that may be null.
func text(value nullable.Nullable[string]) *string {
	if value.IsNull() {
		return nil
	}
	told := value.MustGet()
	return &told
}

func later(id uuid.UUID) walk.Later {
	read := get(id)
	deployment := done(read.JSON200, read.Body)
	return walk.Later{
		Status:   string(deployment.Status),
		Provider: string(deployment.Provider),
		Type:     string(deployment.Type),
		Trigger:  string(deployment.Trigger),
		Cause:    string(events(id)[0].Cause),
		Problem:  string(get(unknown).ApplicationproblemJSON404.Type),
	}
}
