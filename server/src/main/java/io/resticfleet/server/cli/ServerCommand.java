package io.resticfleet.server.cli;

import io.resticfleet.program.Command;

/** What the server's program can do. */
public enum ServerCommand implements Command {
    SERVE("", "run the server; also without any command"),
    BACKUP("FILE", "copy the database to FILE with the keys under a passphrase, also while the server runs"),
    RESTORE("FILE", "put FILE, made by backup, in the place of the database and the keys; stop the server first"),
    RESET_PASSWORD("USER", "set a new password, typed or from standard input"),
    DOCTOR("", "look for what could keep the server from working"),
    INSTALL("", "make this jar a service of systemd's; settings given now are kept for it; also repairs, upgrades"),
    UNINSTALL("", "stop and remove the service; keeps settings and data"),
    PURGE("", "remove the service with its settings and data"),
    VERSION("", "print the version"),
    HELP("", "print this");

    private final String operand;
    private final String meaning;

    ServerCommand(String operand, String meaning) {
        this.operand = operand;
        this.meaning = meaning;
    }

    @Override
    public String operand() {
        return operand;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
