package io.resticfleet.agent.cli;

import io.resticfleet.program.Command;

/** The commands of the agent's program. */
public enum AgentCommand implements Command {
    ENROLL("enrol this machine with a server, once"),
    RUN("run the agent, until it is stopped"),
    DOCTOR("check everything the agent needs"),
    TRUST("trust a new key of the server, after its old one was lost"),
    APPROVE("allow a restore that the server asked for, after showing it") {
        @Override
        public String operand() {
            return "CODE";
        }
    },
    UNIT("print the systemd unit"),
    VERSION("print the version"),
    HELP("print this help");

    private final String meaning;

    AgentCommand(String meaning) {
        this.meaning = meaning;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
