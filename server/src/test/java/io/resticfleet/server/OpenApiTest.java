package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.HandlerType;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The API's description says what the code does. */
class OpenApiTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void every_route_is_described_with_who_may_call_it() throws Exception {
        var document = server.get("/api/openapi.json").json();

        for (var route : server.app().routes()) {
            if (!route.summary().isEmpty() && route.method() != HandlerType.WEBSOCKET_BEFORE_UPGRADE) {
                var operation = document.path("paths")
                        .path(route.path())
                        .path(route.method().name().toLowerCase(Locale.ROOT));
                assertThat(operation.path("summary").asText())
                        .as("%s %s", route.method(), route.path())
                        .isNotEmpty();
                assertThat(operation.has("security"))
                        .as("%s %s", route.method(), route.path())
                        .isEqualTo(route.access().name().equals("USER"));
            }
        }
    }

    @Test
    void pages_are_no_part_of_the_api() throws Exception {
        var paths = server.get("/api/openapi.json").json().path("paths");

        assertThat(server.app().routes())
                .filteredOn(route -> route.summary().isEmpty())
                .hasSizeGreaterThan(20)
                .allSatisfy(route -> {
                    assertThat(route.path()).doesNotStartWith("/api/");
                    assertThat(paths.has(route.path())).as(route.path()).isFalse();
                });
    }

    @Test
    void every_reference_leads_somewhere() throws Exception {
        var document = server.get("/api/openapi.json").json();

        var references = document.findValuesAsText("$ref");

        assertThat(references)
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isObject())
                        .isTrue());
    }

    @Test
    void the_names_are_those_on_the_wire() throws Exception {
        JsonNode schemas = server.get("/api/openapi.json").json().at("/components/schemas");

        assertThat(schemas.at("/ScheduleBody/properties").has("time_zone")).isTrue();
        assertThat(schemas.at("/JobView/properties").has("snapshot_id")).isTrue();
        assertThat(schemas.at("/JobStatus/enum").toString()).contains("succeeded", "missed");
    }

    @Test
    void what_may_be_one_of_several_is_described_as_each_of_them() throws Exception {
        JsonNode schemas = server.get("/api/openapi.json").json().at("/components/schemas");

        assertThat(schemas.at("/JobResult").toString())
                .contains("BackupResult", "ForgetResult", "CheckResult", "NoResult");
        assertThat(schemas.at("/ForgetResult/properties").has("snapshots_removed"))
                .isTrue();
    }
}
