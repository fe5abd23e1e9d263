package io.resticfleet.protocol;

/** The numbers both sides must agree on. */
public final class Protocol {

    /** Of this code. Raised when an older peer could misunderstand; new messages and fields do not raise it. */
    public static final int VERSION = 1;

    /** The lowest that is still spoken. */
    public static final int OLDEST = 1;

    /** The server closes a connection with this when another agent of the same identity has connected. */
    public static final int CLOSED_DISPLACED = 4000;

    /** Where agents dial in. */
    public static final String WEBSOCKET_PATH = "/api/agents/ws";

    /** Where agents enrol. */
    public static final String ENROLL_PATH = "/api/agents/enroll";

    /** Where the server offers the agent's jar. */
    public static final String AGENT_JAR_PATH = "/agent/restic-fleet-agent.jar";

    /** UTF-8 bytes of the longest frame before the agent is known. */
    public static final int LONGEST_HELLO_BYTES = 64 * 1024;

    /** UTF-8 bytes of the longest frame after that; a list of some 30,000 snapshots. */
    public static final int LONGEST_FRAME_BYTES = 16 * 1024 * 1024;

    /** UTF-8 bytes of the longest frame that answers a question. */
    public static final int LONGEST_ANSWER_BYTES = 64 * 1024;

    private Protocol() {}
}
