package io.resticfleet.server.page.repository;

import io.resticfleet.server.rotation.RotationView;

/** The change of a repository's password in words. */
final class PasswordWords {

    private PasswordWords() {}

    static String of(RotationView view) {
        return switch (view.phase()) {
            case "adding" -> "A key for the new password is being added. The old password is in use.";
            case "proving" ->
                count(view) + " of " + concerned(view)
                        + " machines have the new password. The old one works until all of them have it.";
            case "removing" ->
                "All machines have the new password. The old one opens the repository until its key is removed.";
            case "failed" -> "The password was not changed.";
            default -> "The password was changed, and the old one opens the repository no more.";
        };
    }

    /** The class of the banner. */
    static String tone(RotationView view) {
        return switch (view.phase()) {
            case "failed" -> "bad";
            case "done" -> "";
            default -> "warn";
        };
    }

    private static long count(RotationView view) {
        return view.hosts().stream()
                .filter(host -> host.state().equals("confirmed"))
                .count();
    }

    private static long concerned(RotationView view) {
        return view.hosts().stream()
                .filter(host -> !host.state().equals("own_password"))
                .count();
    }

    static String state(RotationView.HostView host) {
        return switch (host.state()) {
            case "waiting_offline" -> "offline: waits until it connects";
            case "waiting" -> "waits";
            case "proven" -> "has opened the repository with the new password";
            case "confirmed" -> "has the new password";
            case "own_password" -> "has a password of its own, which stays";
            default -> "failed, is tried again";
        };
    }

    static String tone(RotationView.HostView host) {
        return switch (host.state()) {
            case "confirmed" -> "ok";
            case "proven" -> "run";
            case "failed" -> "bad";
            default -> "off";
        };
    }
}
