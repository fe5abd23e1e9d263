package io.resticfleet.agent.cli;

import io.resticfleet.program.Command;

/** What the agent's program can do. */
public enum AgentCommand implements Command {
    ENROLL("enroll", "join a server, once"),
    RUN("run", "back up; runs until it is stopped"),
    DOCTOR("doctor", "find out what is wrong"),
    TRUST("trust", "trust another key of the server's, after it was lost"),
    UNIT("unit", "print the unit for systemd"),
    VERSION("version", "print the version"),
    HELP("help", "print this");

    private final String word;
    private final String meaning;

    AgentCommand(String word, String meaning) {
        this.word = word;
        this.meaning = meaning;
    }

    @Override
    public String word() {
        return word;
    }

    @Override
    public String operand() {
        return "";
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
