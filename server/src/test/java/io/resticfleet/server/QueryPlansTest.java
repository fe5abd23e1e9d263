package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.db.RecordedQueries;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Route;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The plans of the queries that the lists of the API and the pages run, and of what stores an agent's list. */
class QueryPlansTest {

    private static final String FULL_SCAN =
            "SCAN (alerts|deliveries|jobs|job_log|snapshots|snapshot_lists|audit_log|api_tokens)\\b.*";
    private static final String ALL_OF_A_REPOSITORY =
            "SEARCH .*(snapshots|\\bn|\\bo|\\bother|\\br|\\bs|jobs)\\b USING .*\\((repository_id|host_id|status)=\\?( AND \\w+[<>]\\?)?\\)";
    private static final Pattern SLOW = Pattern.compile(FULL_SCAN + "|.*TEMP B-TREE.*");
    private static final Pattern JOBS = Pattern.compile("SELECT \\* FROM jobs WHERE id < \\? AND (.*) ORDER BY id .*");
    /** Read from files of their own. */
    private static final Pattern OF_THE_INDEX = Pattern.compile("/api/(snapshots/.*|find)");

    private static final String REPOSITORY = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    private static final String JOB = SampleReports.id(1);

    private final RecordedQueries queries = new RecordedQueries();

    @RegisterExtension
    final TestServer server = new TestServer(queries::open);

    private EnrolledAgent web;
    private String channel;

    @BeforeEach
    void begin() throws Exception {
        web = server.enrol("web");
        var nightly = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        var reports = new SampleReports(server);
        agent.sendAndDrain(reports.started(JOB, nightly));
        agent.sendAndDrain(reports.snapshots(2, server.now(), SampleReports.SNAPSHOT));
        var hook = Map.of("name", "ops", "kind", "slack", "config", Map.of("url", "http://169.254.169.254/"));
        channel = server.api().post("/api/channels", hook).at("/id");
        server.api().post("/api/channels/" + channel + "/test", "");
    }

    @Test
    void every_list_route_uses_an_index_with_every_combination_of_its_filters() throws Exception {
        var plans = new TreeMap<String, List<String>>();
        int routes = 0;
        for (var route : server.app().routes()) {
            if (route.queries().stream().anyMatch(query -> query.name().equals("cursor"))
                    && !route.path().endsWith("/locks") // answered by an agent
                    && !OF_THE_INDEX.matcher(route.path()).matches()) {
                routes++;
                for (var path : paths(route)) {
                    plans.putAll(plansOf(path));
                }
            }
        }

        assertThat(routes).isGreaterThanOrEqualTo(5);
        assertThat(plans.keySet()).hasSizeGreaterThanOrEqualTo(16);
        assertThat(plans)
                .allSatisfy((query, plan) -> assertThat(plan)
                        .as(query)
                        .noneMatch(SLOW.asMatchPredicate())
                        .allSatisfy(
                                step -> assertThat(usesAllFilters(query, step)).isTrue()));
    }

    /** Whether no rows are looked at in vain, except for jobs of the same host. */
    private static boolean usesAllFilters(String query, String step) {
        var list = JOBS.matcher(query);
        if (!list.matches()) {
            return true;
        }
        var filters = list.group(1).replace(" = ", "=");
        return filters.contains("host_id=?")
                ? step.contains("INDEX jobs_host (host_id=? AND id<?)")
                : filters.equals("true")
                        || List.of(filters.split(" AND ")).stream().allMatch(step::contains);
    }

    @Test
    void pages_with_lists_use_indexes() throws Exception {
        var plans = new TreeMap<String, List<String>>();
        for (var path : List.of(
                "/jobs?kind=check",
                "/jobs?status=failed&cursor=" + JOB,
                "/hosts/" + web.hostId() + "/jobs?kind=check&status=failed",
                "/hosts/" + web.hostId(),
                "/hosts/" + web.hostId() + "/repository",
                "/jobs/" + JOB,
                "/snapshots/" + SampleReports.SNAPSHOT + "/restore",
                "/audit",
                "/audit?host=" + web.hostId())) {
            plans.putAll(plansOf(path));
        }

        assertThat(plans)
                .isNotEmpty()
                .allSatisfy((query, plan) -> assertThat(plan).as(query).noneMatch(step -> step.matches(FULL_SCAN)));
    }

    @Test
    void a_list_of_snapshots_is_stored_without_comparing_each_with_each() throws Exception {
        queries.takeChanges();

        web.connectInSync().sendAndDrain(new SampleReports(server).snapshots(3, server.now(), SampleReports.SNAPSHOT));

        var plans = plans(queries.takeChanges());
        assertThat(plans.keySet())
                .anyMatch(change -> change.contains("retention_snapshots AS n"))
                .hasSizeGreaterThanOrEqualTo(15);
        assertThat(plans)
                .allSatisfy((change, plan) -> assertThat(plan.stream().skip(1))
                        .as(change)
                        .noneMatch(step -> step.matches(ALL_OF_A_REPOSITORY)));
    }

    @Test
    void the_status_of_the_fleet_is_read_without_looking_at_all_failed_jobs_or_drills_for_each_host() throws Exception {
        queries.take();

        server.freshFleet();

        assertThat(plans(queries.take()))
                .hasSizeGreaterThanOrEqualTo(5)
                .allSatisfy((query, plan) -> assertThat(plan)
                        .as(query)
                        .noneMatch(step -> step.matches(FULL_SCAN))
                        .noneMatch(
                                step -> step.matches("SEARCH j\\w* USING INDEX \\w+ \\((kind=\\? AND )?status=\\?\\)")
                                        && !query.contains("'queued'")));
    }

    @Test
    void figures_are_read_with_an_index() throws Exception {
        var plans = plansOf("/metrics");

        assertThat(plans.keySet()).anyMatch(query -> query.contains("schedule_totals"));
        plans.keySet().removeIf(query -> query.contains("channel_events")); // counts all that waits, which is bounded
        assertThat(plans)
                .allSatisfy((query, plan) -> assertThat(plan)
                        .as(query)
                        .noneMatch(step -> step.matches(FULL_SCAN))
                        .noneMatch(step ->
                                step.matches("SEARCH jobs .*\\((kind|status)=.*") && !query.contains("'queued'")));
    }

    /** The plans of the queries that a request runs. */
    private Map<String, List<String>> plansOf(String path) throws Exception {
        queries.take();
        assertThat(server.api()
                        .get(path, "Cookie", "rf_session=" + server.session())
                        .status())
                .as(path)
                .isEqualTo(200);
        return plans(queries.take());
    }

    private Map<String, List<String>> plans(Set<String> statements) throws Exception {
        var plans = new TreeMap<String, List<String>>();
        try (var connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + server.database().file());
                var statement = connection.createStatement()) {
            for (var query : statements) {
                var plan = new ArrayList<String>();
                for (var rows = statement.executeQuery("EXPLAIN QUERY PLAN " + query); rows.next(); ) {
                    plan.add(rows.getString("detail"));
                }
                plans.put(query, plan);
            }
        }
        return plans;
    }

    /** A route with every combination of its filters, from the start and from a cursor. */
    private List<String> paths(Route route) throws Exception {
        var cursor = route.path().endsWith("/snapshots") ? "1-" + SampleReports.SNAPSHOT : JOB;
        var path = route.path()
                .replace("{host}", web.hostId())
                .replace("{channel}", channel)
                .replace(
                        "{repository}",
                        server.sql("SELECT id FROM repositories").get(0));
        var possible = route.queries().stream()
                .filter(query -> !query.name().equals("limit"))
                .toList();
        var found = new ArrayList<String>();
        for (int chosen = 0; chosen < 1 << possible.size(); chosen++) {
            var filters = new StringBuilder(path + "?limit=10");
            for (int i = 0; i < possible.size(); i++) {
                if ((chosen >> i & 1) == 1) {
                    filters.append('&').append(filter(possible.get(i), cursor));
                }
            }
            found.add(
                    path.equals("/api/alerts")
                            ? filters.toString().replace("kind=check", "kind=job_failed")
                            : filters.toString());
        }
        return found;
    }

    private String filter(Query query, String cursor) {
        return query.name() + "="
                + switch (query.name()) {
                    case "host" -> web.hostId();
                    case "repository" -> REPOSITORY;
                    case "kind" -> JobKind.CHECK.word();
                    case "state" -> "open";
                    case "severity" -> "warning";
                    case "status" -> JobStatus.FAILED.word();
                    case "cursor" -> cursor;
                    case "days" -> "30";
                    default -> throw new AssertionError("no value for the filter " + query.name());
                };
    }
}
