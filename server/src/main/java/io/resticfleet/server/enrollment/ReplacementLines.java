package io.resticfleet.server.enrollment;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the install command for the machine that takes the place of a host's present one. */
public final class ReplacementLines {

    private final Database db;
    private final EnrollmentTokens tokens;
    private final Repositories repositories;
    private final InstallLine line;

    public ReplacementLines(Database db, EnrollmentTokens tokens, Repositories repositories, InstallLine line) {
        this.db = db;
        this.tokens = tokens;
        this.repositories = repositories;
        this.line = line;
    }

    /**
     * A new token with its install command.
     *
     * @param token shown once
     * @param command to be run on the new machine
     * @param warnings sentences about what will go wrong; empty if nothing will
     */
    public record Made(String token, Instant expiresAt, String command, List<String> warnings) {

        public Made {
            warnings = List.copyOf(warnings);
        }

        @Override
        public String toString() {
            return "Made[expiresAt=" + expiresAt + "]";
        }
    }

    /**
     * Makes a command, and ends earlier ones for this host.
     *
     * @param url of this server, as the machine reaches it
     * @throws Problem 404
     */
    public Made make(Actor actor, HostId hostId, String url) {
        var minted = tokens.mintReplacement(actor, hostId);
        var warnings = new ArrayList<>(InstallLine.warnings(url));
        db.read(handle -> repositories.all(handle, hostId)).stream()
                .map(used -> new RepositoryUrl(used.url()))
                .flatMap(used -> warning(used).stream())
                .forEach(warnings::add);
        return new Made(minted.token(), minted.expiresAt(), line.replacing(url, minted.token()), warnings);
    }

    private static Optional<String> warning(RepositoryUrl used) {
        if (used.localPath().isPresent()) {
            return Optional.of("The repository " + used
                    + " is a directory of the former machine: move it to the same place on the new one first. Without it,"
                    + " backups fail, as a repository that was there is never created again.");
        }
        return used.backend().equals("sftp")
                ? Optional.of("The repository " + used
                        + " is reached by SSH: the new machine has a key of its own, which must be given access there, see"
                        + " Repository.")
                : Optional.empty();
    }
}
