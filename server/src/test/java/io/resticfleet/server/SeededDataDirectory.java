package io.resticfleet.server;

import java.nio.file.Files;
import java.nio.file.Path;

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

    /** Copies the database and its key. */
    static void copyTo(Path directory) throws Exception {
        for (var name : new String[] {"restic-fleet.db", "secret.key"}) {
            Files.copy(PATH.resolve(name), directory.resolve(name));
        }
    }
}
