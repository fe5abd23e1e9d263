package io.resticfleet.server.cli;

import io.resticfleet.program.Command;

/** The commands of the server's program. */
public enum ServerCommand implements Command {
    SERVE("", "run the server; the default"),
    BACKUP("FILE", "copy the database to FILE with the keys under a passphrase, also while the server runs"),
    RESTORE("FILE", "replace the database and the keys by those in FILE, made by backup; stop the server first"),
    RESET_PASSWORD("USER", "set a new password, typed or from standard input"),
    DOCTOR("", "check for problems that would keep the server from working"),
    INSTALL("", "install this jar as a systemd service, with the settings given now; also repairs and upgrades it"),
    UNINSTALL("", "stop and remove the service; keep its settings and data"),
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
