package io.resticfleet.server.restore;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.PermissionReport;
import io.resticfleet.protocol.Release;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreTarget.Kind;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.snapshot.LocatedSnapshot;
import io.resticfleet.server.web.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Starts restores on any connected host that uses the snapshot's repository, after its agent has agreed. The agent decides
 * again when the job runs. Safe for use by many threads.
 */
public final class Restores {

    /** The first restic that restores to another place than a new folder: older ones overwrite every file. */
    public static final String ANY_PLACE_SINCE = "0.17.0";

    /** The first restic that restores owners by name. */
    public static final String OWNERSHIP_SINCE = "0.19.0";

    private static final int MAX_AUDITED = 100;
    private static final Pattern CODE = Pattern.compile("[A-Z]{4}-[A-Z]{4}");

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final Dispatcher dispatcher;
    private final Agents agents;
    private final Questions questions;
    private final Audit audit;

    public Restores(
            Database db,
            Hosts hosts,
            Repositories repositories,
            Dispatcher dispatcher,
            Agents agents,
            Questions questions,
            Audit audit) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
        this.dispatcher = dispatcher;
        this.agents = agents;
        this.questions = questions;
        this.audit = audit;
    }

    /**
     * An accepted restore.
     *
     * @param remarks what the agent cannot do on its machine, or knows of the target; left out if there is nothing
     */
    public record Started(JobId jobId, Optional<List<String>> remarks) {}

    /**
     * Starts a restore.
     *
     * @param asker id of the user
     * @throws Problem 404, or 409 {@code host_offline}, {@code unknown_repository}, {@code agent_too_old}, {@code
     *     restic_missing}, {@code restic_too_old}, {@code restore_not_allowed} with the code for an approval if that is
     *     possible, or with the code of the agent's refusal or failure
     */
    public Started start(Actor actor, String asker, HostId hostId, LocatedSnapshot located, Restore restore) {
        var host = hosts.get(hostId);
        refuseUnused(host, located.repositoryId());
        if (!agents.connected(hostId)) {
            throw Problem.conflict(
                    "host_offline", "host " + host.name() + " is not connected, and a restore needs a connection");
        }
        refuseTooOld(host, restore);
        var remarks = restore.target().kind() == Kind.NEW_FOLDER
                ? List.<String>of()
                : ask(actor, asker, host, located, restore).remarks();
        var id = dispatcher.order(actor, hostId, located.repositoryId(), restore, detail(restore));
        return new Started(id, Optional.of(remarks).filter(all -> !all.isEmpty()));
    }

    /** Whether the agent of a host agrees to a restore by now, such as after its owner has approved it. */
    public boolean isAllowed(String asker, HostId hostId, LocatedSnapshot located, Restore restore) {
        var reply = questions
                .ask(hostId, asker, List.of(question(located, restore)))
                .get(0);
        return reply instanceof PermissionReport report && report.permission() == PermissionReport.Answer.ALLOWED;
    }

    private void refuseUnused(Host host, RepositoryId id) {
        if (db.read(handle -> repositories.pick(handle, host.id(), Optional.of(id)))
                .isEmpty()) {
            throw Problem.conflict(
                    "unknown_repository",
                    "host " + host.name() + " does not use the snapshot's repository " + id
                            + "; have it use that one, too (PUT /api/hosts/" + host.id() + "/repositories/" + id
                            + "), or restore to a host that does");
        }
    }

    private void refuseTooOld(Host host, Restore restore) {
        var feature = restore.feature();
        if (feature.filter(name -> !agents.supports(host.id(), name)).isPresent()) {
            throw Problem.conflict(
                    "agent_too_old", "the agent of host " + host.name() + " is too old to restore; upgrade it first");
        }
        var version = host.resticVersion()
                .orElseThrow(() -> Problem.conflict(
                        "restic_missing", "host " + host.name() + " has no usable restic; install it there first"));
        if (restore.target().kind() != Kind.NEW_FOLDER && Release.isNewer(ANY_PLACE_SINCE, version)) {
            throw tooOld(
                    host,
                    version,
                    ANY_PLACE_SINCE,
                    "a restore to another place than a new folder, as older ones overwrite every file");
        }
        if (restore.ownershipByName() && Release.isNewer(OWNERSHIP_SINCE, version)) {
            throw tooOld(host, version, OWNERSHIP_SINCE, "ownership by name");
        }
    }

    private static Problem tooOld(Host host, String version, String needed, String what) {
        return Problem.conflict(
                "restic_too_old",
                what + " needs restic " + needed + ", and host " + host.name() + " has restic " + version);
    }

    private PermissionReport ask(Actor actor, String asker, Host host, LocatedSnapshot located, Restore restore) {
        var reply = questions
                .ask(host.id(), asker, List.of(question(located, restore)))
                .get(0);
        if (reply instanceof PermissionReport report) {
            return switch (report.permission()) {
                case ALLOWED -> report;
                case NEEDS_APPROVAL -> throw needsApproval(actor, host, restore, report);
                case REFUSED -> throw refused(report);
            };
        } else if (reply instanceof Reply.Failure failure) {
            throw failed(failure);
        } else {
            throw Problem.conflict("failed", "the machine's agent answered something else");
        }
    }

    private static Ask question(LocatedSnapshot located, Restore restore) {
        var origin = located.snapshot().hostname() + ", " + located.snapshot().time();
        return new Ask.RestorePermission(located.repositoryId(), restore, origin);
    }

    private static Problem failed(Reply.Failure failure) {
        return switch (failure.code()) {
            case "offline", "disconnected" -> Problem.conflict("host_offline", failure.detail());
            case "questions_off" ->
                Problem.conflict(
                        "questions_off",
                        failure.detail()
                                + ", and its agent must be asked before files are restored there; restore to a new folder");
            default -> Problem.conflict(failure.code(), failure.detail());
        };
    }

    private Problem needsApproval(Actor actor, Host host, Restore restore, PermissionReport report) {
        var reason = report.reason().orElse("this machine's owner has not allowed the restore");
        var code = report.approveCode().filter(text -> CODE.matcher(text).matches());
        if (code.isEmpty()) {
            return Problem.conflict("restore_not_allowed", reason);
        }
        db.write(tx -> {
            audit.record(tx, actor, "restore.ask", host.id(), host.id(), detail(restore));
            return true;
        });
        return Problem.needsApproval(
                "restore_not_allowed",
                reason + ". Its owner can allow this one restore: on the machine, as root, run java -jar"
                        + " /usr/lib/restic-fleet/restic-fleet-agent.jar approve " + code.get()
                        + ", then send the same request again within the hour",
                code.get());
    }

    private static Problem refused(PermissionReport report) {
        var code = report.reasonCode().map(ErrorCode.Reported::code).filter(known -> known != ErrorCode.UNKNOWN);
        return Problem.conflict(
                code.map(ErrorCode::word).orElse("restore_not_allowed"),
                report.reason().orElse("the machine refuses the restore"));
    }

    /** For the audit log: at most the first hundred paths, and the number of all. */
    private static Map<String, Object> detail(Restore restore) {
        var detail = new LinkedHashMap<String, Object>();
        detail.put("snapshot", restore.snapshotId());
        detail.put("target", restore.target().kind().word());
        restore.target().path().ifPresent(path -> detail.put("target_path", path));
        detail.put("overwrite", restore.overwrite().word());
        detail.put("delete", restore.delete());
        detail.put("dry_run", restore.dryRun());
        detail.put("path_count", restore.paths().size());
        detail.put(
                "paths",
                restore.paths().stream()
                        .limit(MAX_AUDITED)
                        .map(SnapshotPath::path)
                        .toList());
        return detail;
    }
}
