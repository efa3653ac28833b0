import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import deployments.ApiClient;
import deployments.ApiException;
import deployments.ApiResponse;
import deployments.api.DeploymentsApi;
import deployments.api.RollbacksApi;
import deployments.model.Deployment;
import deployments.model.DeploymentCreate;
import deployments.model.DeploymentStatus;
import deployments.model.DeploymentType;
import deployments.model.DeploymentUpdate;
import deployments.model.Problem;
import deployments.model.ProblemErrorsInner;
import deployments.model.Provider;
import deployments.model.RollbackRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a program does with the client that openapi-generator makes for Java.
 *
 * <pre>
 * java Walk walk URL NAME
 * java Walk later URL ID
 * </pre>
 */
public final class Walk {
  private static final UUID UNKNOWN = UUID.fromString("019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f");
  private static final Pattern CURSOR = Pattern.compile("[?&]cursor=([^&>]*).*; rel=\"next\"");

  private final ApiClient client;
  private final DeploymentsApi deployments;
  private final RollbacksApi rollbacks;

  private Walk(ApiClient client) {
    this.client = client;
    this.deployments = new DeploymentsApi(client);
    this.rollbacks = new RollbacksApi(client);
  }

  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient();
    // A client that is told nothing calls the contract's server.
    String base = client.getBaseUri();
    client.updateBaseUri(arguments[1]);
    Walk walk = new Walk(client);
    Map<String, Object> told;
    try {
      told = arguments[0].equals("walk") ? walk.calls(base, arguments[2]) : walk.later(arguments[2]);
    } catch (ApiException | JsonMappingException error) {
      Throwable cause = error.getCause() == null ? error : error.getCause();
      told = new LinkedHashMap<>();
      told.put("refused", cause.getClass().getSimpleName());
      told.put("message", String.valueOf(error.getMessage()));
    }
    System.out.println(new ObjectMapper().writeValueAsString(told));
  }

  private Map<String, Object> calls(String base, String name) throws Exception {
    Deployment first = create(name, "1.0.0");
    deploy(first);
    Deployment second = create(name, "2.0.0");

    List<List<String>> pages = new ArrayList<>();
    String cursor = null;
    do {
      ApiResponse<List<Deployment>> page =
          deployments.listDeploymentsWithHttpInfo(
              DeploymentsApi.APIListDeploymentsRequest.newBuilder()
                  .name(name)
                  .limit(1)
                  .cursor(cursor)
                  .build());
      pages.add(versions(page.getData()));
      cursor = nextCursor(page.getHeaders());
    } while (cursor != null);

    Deployment deployed = deploy(second);
    Deployment cleared = change(second, new DeploymentUpdate().notes(null));
    Deployment rollback =
        rollbacks.rollbackDeployment(
            RollbacksApi.APIRollbackDeploymentRequest.newBuilder()
                .id(second.getId())
                .rollbackRequest(new RollbackRequest())
                .build());
    List<List<String>> events =
        deployments
            .listDeploymentEvents(
                DeploymentsApi.APIListDeploymentEventsRequest.newBuilder()
                    .id(second.getId())
                    .build())
            .stream()
            .map(
                event ->
                    Arrays.asList(
                        event.getFromStatus() == null ? null : event.getFromStatus().getValue(),
                        event.getToStatus().getValue()))
            .collect(Collectors.toList());

    Map<String, Object> created = new LinkedHashMap<>();
    created.put("id", second.getId().toString());
    created.put("status", second.getStatus().getValue());
    created.put("cell", second.getCell());
    created.put("createdAt", second.getCreatedAt().toInstant().toEpochMilli());

    Map<String, Object> told = new LinkedHashMap<>();
    told.put("base", base);
    told.put("created", created);
    told.put("read", get(second.getId()).getId().toString());
    told.put("pages", pages);
    told.put("deployed", deployed.getStatus().getValue());
    told.put("cleared", cleared.getNotes());
    told.put(
        "rollback",
        Map.of(
            "status", rollback.getStatus().getValue(),
            "trigger", rollback.getTrigger().getValue(),
            "version", rollback.getVersion(),
            "from", rollback.getRollbackFromDeploymentId().toString()));
    told.put(
        "copiedFrom",
        versions(
            rollbacks
                .getDeploymentLineage(
                    RollbacksApi.APIGetDeploymentLineageRequest.newBuilder()
                        .id(rollback.getId())
                        .build())
                .getCopiedFrom()));
    told.put("events", events);
    told.put("missing", problemOf(() -> get(UNKNOWN)));
    told.put(
        "invalid",
        problemOf(
            () ->
                deployments.listDeployments(
                    DeploymentsApi.APIListDeploymentsRequest.newBuilder().cursor("none").build())));
    return told;
  }

  private Map<String, Object> later(String id) throws Exception {
    Deployment deployment = get(UUID.fromString(id));
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("status", deployment.getStatus().getValue());
    told.put("provider", deployment.getProvider().getValue());
    told.put("type", deployment.getType().getValue());
    told.put("trigger", deployment.getTrigger().getValue());
    told.put(
        "cause",
        deployments
            .listDeploymentEvents(
                DeploymentsApi.APIListDeploymentEventsRequest.newBuilder()
                    .id(UUID.fromString(id))
                    .build())
            .get(0)
            .getCause()
            .getValue());
    told.put("problem", problemOf(() -> get(UNKNOWN)).get("type"));
    return told;
  }

  private Deployment create(String name, String version) throws ApiException {
    DeploymentCreate body =
        new DeploymentCreate()
            .name(name)
            .version(version)
            .environment("production")
            .provider(Provider.GCP)
            .type(DeploymentType.K8S)
            .notes("canary");
    return deployments.createDeployment(
        DeploymentsApi.APICreateDeploymentRequest.newBuilder().deploymentCreate(body).build());
  }

  private Deployment deploy(Deployment deployment) throws ApiException {
    return change(deployment, new DeploymentUpdate().status(DeploymentStatus.DEPLOYED));
  }

  private Deployment change(Deployment deployment, DeploymentUpdate update) throws ApiException {
    return deployments.updateDeployment(
        DeploymentsApi.APIUpdateDeploymentRequest.newBuilder()
            .id(deployment.getId())
            .deploymentUpdate(update)
            .build());
  }

  private Deployment get(UUID id) throws ApiException {
    return deployments.getDeployment(
        DeploymentsApi.APIGetDeploymentRequest.newBuilder().id(id).build());
  }

  /** What the problem details of a call that is refused say. */
  private Map<String, Object> problemOf(Callable<?> call) throws Exception {
    try {
      call.call();
    } catch (ApiException error) {
      Problem problem = client.getObjectMapper().readValue(error.getResponseBody(), Problem.class);
      List<ProblemErrorsInner> faults = problem.getErrors();
      Map<String, Object> told = new LinkedHashMap<>();
      told.put("status", error.getCode());
      told.put("type", problem.getType().getValue());
      told.put(
          "parameter", faults == null || faults.isEmpty() ? null : faults.get(0).getParameter());
      return told;
    }
    throw new AssertionError("The call succeeded");
  }

  /** The cursor of the next page, of a Link header (RFC 8288); null on the last page. */
  private static String nextCursor(Map<String, List<String>> headers) {
    Matcher found = CURSOR.matcher(String.join(",", headers.getOrDefault("link", List.of())));
    return found.find() ? found.group(1) : null;
  }

  private static List<String> versions(List<Deployment> page) {
    return page.stream().map(Deployment::getVersion).collect(Collectors.toList());
  }
}
