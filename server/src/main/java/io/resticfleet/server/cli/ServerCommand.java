package io.resticfleet.server.cli;

import io.resticfleet.program.Command;

/** What the server's program can do. */
public enum ServerCommand implements Command {
    SERVE("serve", "", "run the server; also without any command"),
    BACKUP("backup", "FILE", "copy the database to FILE with the keys under a passphrase, also while the server runs"),
    RESTORE(
            "restore",
            "FILE",
            "put FILE, made by backup, in the place of the database and the keys; stop the server first"),
    RESET_PASSWORD("reset-password", "USER", "set a new password, typed or from standard input"),
    DOCTOR("doctor", "", "look for what could keep the server from working"),
    INSTALL(
            "install",
            "",
            "make this jar a service of systemd's; settings given now are kept for it; also repairs, upgrades"),
    UNINSTALL("uninstall", "", "stop and remove the service; keeps settings and data"),
    PURGE("purge", "", "remove the service with its settings and data"),
    VERSION("version", "", "print the version"),
    HELP("help", "", "print this");

    private final String word;
    private final String operand;
    private final String meaning;

    ServerCommand(String word, String operand, String meaning) {
        this.word = word;
        this.operand = operand;
        this.meaning = meaning;
    }

    @Override
    public String word() {
        return word;
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
