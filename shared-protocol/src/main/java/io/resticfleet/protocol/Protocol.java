package io.resticfleet.protocol;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Versions, paths and size limits that both sides must agree on. */
public final class Protocol {

    /**
     * Version of this code. Raised when an older peer could misinterpret a message; new messages and fields do not
     * raise it.
     */
    public static final int VERSION = 1;

    /** Lowest version still supported. */
    public static final int MIN_VERSION = 1;

    /** WebSocket close code of the server after another agent with the same identity has connected. */
    public static final int CLOSED_DISPLACED = 4000;

    /** WebSocket endpoint for agents. */
    public static final String WEBSOCKET_PATH = "/api/agents/ws";

    /** Endpoint for enrolment. */
    public static final String ENROLL_PATH = "/api/agents/enroll";

    /** Endpoint for what agents send on demand, followed by a {@link TransferToken}. */
    public static final String TRANSFERS_PATH = "/api/agents/transfers/";

    /** Download path of the agent's jar. */
    public static final String AGENT_JAR_PATH = "/agent/restic-fleet-agent.jar";

    /** Maximum size of a frame before the agent is authenticated, in UTF-8 bytes. */
    public static final int MAX_HELLO_BYTES = 64 * 1024;

    /**
     * Maximum size of a message from an authenticated agent, in UTF-8 bytes: enough for some 30,000 snapshots. The server
     * also limits what it receives over all connections at once.
     */
    public static final int MAX_FRAME_BYTES = 16 * 1024 * 1024;

    /** Maximum size of a message to an agent, in UTF-8 bytes. Agents have a small heap. */
    public static final int MAX_TO_AGENT_BYTES = 2 * 1024 * 1024;

    /** Maximum number of schedules of one host. */
    public static final int MAX_SCHEDULES = 500;

    /** Maximum number of repositories of one host. */
    public static final int MAX_REPOSITORIES = 50;

    /** Maximum size of the schedule set of one host as it is sent to the agent, in UTF-8 bytes. */
    public static final int MAX_SET_BYTES = 1_000_000;

    /** Maximum size of a frame that answers a question, in UTF-8 bytes. */
    public static final int MAX_ANSWER_BYTES = 64 * 1024;

    /** Feature of an agent that reports its snapshots in pieces: {@link SnapshotsOffer}. */
    public static final String SNAPSHOT_PIECES = "snapshots.pieces";

    /** Feature of an agent that accepts hooks on schedules of every kind; older ones only on backups. */
    public static final String HOOKS_OF_ALL_KINDS = "hooks.all_kinds";

    /**
     * Feature of both: the server decides which snapshots are removed ({@link ToServer.RetentionAsk}), and gives jobs the
     * maintainer's credentials ({@link ToServer.CredentialsAsk}).
     */
    public static final String RETENTION_PLANS = "retention.plans";

    /** Feature of an agent that knows {@link ToAgent.Reject#REPLACED}; older ones are told that they were deleted. */
    public static final String REPLACEMENT = "replacement";

    /** Feature of an agent that obeys {@link ToAgent.ConfigUpdate#pause}, with the server away too. */
    public static final String PAUSE = "pause";

    /** Maximum number of snapshots that one job removes. */
    public static final int MAX_REMOVED = 10_000;

    /** Feature of an agent that knows several repositories: {@link ToAgent.ConfigUpdate#repositories}. */
    public static final String REPOSITORIES = "repositories";

    /** Feature of an agent that lists the files of snapshots: {@link ToAgent.TreeWanted}. */
    public static final String TREE_INDEX = "tree.index";

    private Protocol() {}

    /** Every feature of a server of this version. */
    public static List<String> serverFeatures() {
        return List.of(RETENTION_PLANS);
    }

    /** Every feature of an agent of this version. */
    public static List<String> features() {
        return Stream.of(
                        Ask.features().stream(),
                        Stream.of(
                                SNAPSHOT_PIECES,
                                HOOKS_OF_ALL_KINDS,
                                REPOSITORIES,
                                RETENTION_PLANS,
                                REPLACEMENT,
                                TREE_INDEX,
                                PAUSE),
                        Arrays.stream(JobKind.values()).flatMap(kind -> kind.feature().stream()),
                        Stream.of(JobSpec.Prune.OPTIONS, JobSpec.Check.READ_DATA, JobSpec.Init.CHUNKER))
                .flatMap(Function.identity())
                .toList();
    }
}
