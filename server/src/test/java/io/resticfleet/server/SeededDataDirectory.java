package io.resticfleet.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A data directory with the user {@code anna}, her API token and her session; made once per JVM, as Argon2id is slow. */
final class SeededDataDirectory {

    static final Path PATH;
    static final String TOKEN;

    /** Value of anna's session cookie. */
    static final String SESSION;

    static {
        try {
            PATH = Files.createTempDirectory("seeded");
            Directories.deleteAtExit(PATH);
            var server = new TestServer();
            server.startIn(PATH);
            ApiClient.bootstrap(
                    server.url(),
                    Files.readString(PATH.resolve("bootstrap-token")).strip());
            TOKEN = ApiClient.signedIn(server.url()).token();
            SESSION = ApiClient.login(server.url()).split("=", 2)[1];
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private SeededDataDirectory() {}

    /** Copies the database and its key; with its WAL, which stays if a reader was still at work when the server stopped. */
    static void copyTo(Path directory) throws Exception {
        for (var name : List.of("restic-fleet.db", "restic-fleet.db-wal", "secret.key")) {
            if (Files.exists(PATH.resolve(name))) {
                Files.copy(PATH.resolve(name), directory.resolve(name));
            }
        }
    }
}
