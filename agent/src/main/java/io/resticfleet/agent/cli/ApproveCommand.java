package io.resticfleet.agent.cli;

import io.resticfleet.agent.config.AgentConfig;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.restore.Approvals;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.VisibleText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;

/** Shows this machine's owner a restore that the server asked for, and allows it if the owner says yes. */
public final class ApproveCommand {

    private ApproveCommand() {}

    /**
     * @param code as typed
     * @param in with the owner's answer on a line
     */
    public static void run(AgentConfig config, String code, InputStream in, PrintStream out, InstantSource clock)
            throws CommandFailed {
        StateOwner.require(config.stateDir(), "approve " + code);
        var state = StateDirectory.open(config.stateDir());
        var approvals = new Approvals(state, clock);
        var pending = approvals
                .find(code)
                .orElseThrow(() -> new CommandFailed("no restore with the code " + VisibleText.of(code)
                        + " waits for approval in " + config.stateDir()
                        + "; codes are valid for a day. Ask for the restore again to get a new one"));
        Identity.find(state).ifPresent(identity -> out.println("The server " + identity.server() + " asks to restore"));
        show(pending, out);
        out.println();
        out.print("Type yes to allow exactly this, once, within the hour: ");
        out.flush();
        if (!answer(in).equalsIgnoreCase("yes")) {
            out.println();
            throw new CommandFailed("not allowed; the request stays until it is a day old");
        }
        approvals.approve(pending);
        out.println();
        out.println("Allowed. Start the same restore again within the hour.");
    }

    private static void show(Approvals.Pending pending, PrintStream out) {
        var restore = pending.request().restore();
        out.println("  from the snapshot " + restore.snapshotId().substring(0, 8) + " (by the server's word: "
                + VisibleText.of(pending.origin()) + ")");
        restore.paths().forEach(path -> out.println("    " + shown(path)));
        out.println("  to " + target(restore));
        out.println("  "
                + switch (restore.overwrite()) {
                    case NEVER ->
                        "Files that exist there stay as they are; directories get the mode, owner and time of the snapshot.";
                    case IF_NEWER -> "Files that exist there are OVERWRITTEN if the snapshot's are newer.";
                    case IF_CHANGED -> "Files that exist there are OVERWRITTEN if their size or time differ.";
                    case ALWAYS -> "Files that exist there are OVERWRITTEN.";
                });
        if (restore.delete()) {
            out.println("  Files that are there, but not in the snapshot, are DELETED.");
        }
        if (restore.ownershipByName()) {
            out.println("  Files get the owner with the same name, not the same number.");
        }
        if (restore.dryRun()) {
            out.println("  This is a DRY RUN: nothing is written or deleted; the server learns what would be.");
        }
        int paths = restore.paths().size();
        out.println("  " + paths + (paths == 1 ? " path" : " paths") + " in all, each listed above");
    }

    private static String target(Restore restore) {
        return switch (restore.target().kind()) {
            case NEW_FOLDER -> "a new folder of the agent";
            case FOLDER ->
                VisibleText.of(restore.target().path().orElseThrow()) + ", each with its whole path below it";
            case IN_PLACE -> "where they were, on this machine";
        };
    }

    private static String shown(SnapshotPath path) {
        return VisibleText.of(path.path()) + (path.pathBase64().isPresent() ? " (not UTF-8)" : "");
    }

    private static String answer(InputStream in) {
        try {
            var line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            return line == null ? "" : line.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
