package io.resticfleet.server.cli;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the program can do. */
public enum Command {
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

    public final String word;
    public final String operand;
    private final String meaning;

    Command(String word, String operand, String meaning) {
        this.word = word;
        this.operand = operand;
        this.meaning = meaning;
    }

    public static Optional<Command> of(String word) {
        return Stream.of(values()).filter(command -> command.word.equals(word)).findFirst();
    }

    public static String help() {
        return Stream.of(values())
                .map(command ->
                        "  %-19s %s%n".formatted((command.word + " " + command.operand).strip(), command.meaning))
                .collect(Collectors.joining());
    }
}
