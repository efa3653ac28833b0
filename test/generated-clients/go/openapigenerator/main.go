// What a program does with the client that openapi-generator makes for Go.
//
//	openapigenerator walk URL NAME
//	openapigenerator later URL ID
package main

import (
	"context"
	"errors"
	"net/http"
	"os"

	"clients/openapigenerator/deployments"
	"clients/walk"
)

var (
	ctx    = context.Background()
	client *deployments.APIClient
)

func main() {
	command, url, argument := os.Args[1], os.Args[2], os.Args[3]
	configuration := deployments.NewConfiguration()
	// A client that is told nothing calls the contract's server.
	base := walk.Must(configuration.ServerURL(0, nil))
	configuration.Servers = deployments.ServerConfigurations{{URL: url}}
	client = deployments.NewAPIClient(configuration)
	if command == "walk" {
		walk.Print(calls(base, argument))
	} else {
		walk.Print(later(argument))
	}
}

// done ends the program when a call failed.
func done[T any](value T, _ *http.Response, err error) T {
	return walk.Must(value, err)
}

func problemOf(err error) walk.Problem {
	var failed *deployments.GenericOpenAPIError
	if !errors.As(err, &failed) {
		panic("the call has not failed")
	}
	problem := failed.Model().(deployments.Problem)
	told := walk.Problem{Status: int(problem.Status), Type: problem.Type}
	if len(problem.Errors) > 0 {
		told.Parameter = problem.Errors[0].Parameter
	}
	return told
}

func create(name, version string) *deployments.Deployment {
	body := deployments.NewDeploymentCreate(
		name, version, "production", deployments.PROVIDER_GCP, deployments.DEPLOYMENTTYPE_K8S,
	)
	body.SetNotes("canary")
	return done(client.DeploymentsAPI.CreateDeployment(ctx).DeploymentCreate(*body).Execute())
}

func change(id string, update deployments.DeploymentUpdate) *deployments.Deployment {
	return done(client.DeploymentsAPI.UpdateDeployment(ctx, id).DeploymentUpdate(update).Execute())
}

func calls(base, name string) walk.Result {
	status := deployments.DEPLOYMENTSTATUS_DEPLOYED
	first := create(name, "1.0.0")
	change(first.Id, deployments.DeploymentUpdate{Status: &status})
	second := create(name, "2.0.0")

	var pages [][]string
	list := client.DeploymentsAPI.ListDeployments(ctx).Name(name).Limit(1)
	for more := true; more; {
		page, response, err := list.Execute()
		walk.Check(err)
		pages = append(pages, versions(page))
		cursor := walk.NextCursor(response.Header.Get("Link"))
		list = list.Cursor(cursor)
		more = cursor != ""
	}

	deployed := change(second.Id, deployments.DeploymentUpdate{Status: &status})
	rollback := done(client.RollbacksAPI.RollbackDeployment(ctx, second.Id).
		RollbackRequest(deployments.RollbackRequest{}).Execute())
	lineage := done(client.RollbacksAPI.GetDeploymentLineage(ctx, rollback.Id).Execute())
	var events [][2]*string
	for _, event := range done(client.DeploymentsAPI.ListDeploymentEvents(ctx, second.Id).Execute()) {
		to := string(event.ToStatus)
		var from *string
		if status := event.FromStatus.Get(); status != nil {
			text := string(*status)
			from = &text
		}
		events = append(events, [2]*string{from, &to})
	}
	var clear deployments.DeploymentUpdate
	clear.SetNotesNil()
	_, _, missing := client.DeploymentsAPI.GetDeployment(ctx, walk.Unknown).Execute()
	_, _, invalid := client.DeploymentsAPI.ListDeployments(ctx).Cursor("none").Execute()
	return walk.Result{
		Base: &base,
		Created: walk.Created{
			ID:        second.Id,
			Status:    string(second.Status),
			Cell:      second.Cell.Get(),
			CreatedAt: second.CreatedAt.UnixMilli(),
		},
		Read:     done(client.DeploymentsAPI.GetDeployment(ctx, second.Id).Execute()).Id,
		Pages:    pages,
		Deployed: string(deployed.Status),
		Cleared:  change(second.Id, clear).Notes.Get(),
		Rollback: walk.Rollback{
			Status:  string(rollback.Status),
			Trigger: string(rollback.Trigger),
			Version: rollback.Version,
			From:    *rollback.RollbackFromDeploymentId.Get(),
		},
		CopiedFrom: versions(lineage.CopiedFrom),
		Events:     events,
		Missing:    problemOf(missing),
		Invalid:    problemOf(invalid),
	}
}

func versions(page []deployments.Deployment) []string {
	var told []string
	for _, deployment := range page {
		told = append(told, deployment.Version)
	}
	return told
}

func later(id string) walk.Later {
	deployment := done(client.DeploymentsAPI.GetDeployment(ctx, id).Execute())
	events := done(client.DeploymentsAPI.ListDeploymentEvents(ctx, id).Execute())
	_, _, missing := client.DeploymentsAPI.GetDeployment(ctx, walk.Unknown).Execute()
	return walk.Later{
		Status:   string(deployment.Status),
		Provider: string(deployment.Provider),
		Type:     string(deployment.Type),
		Trigger:  string(deployment.Trigger),
		Cause:    events[0].Cause,
		Problem:  problemOf(missing).Type,
	}
}
