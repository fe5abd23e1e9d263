package io.resticfleet.server;

import java.nio.file.Files;
import java.nio.file.Path;

/** A data directory with the user {@code anna}, her API token and a session, made once: Argon2id takes its time. */
final class FurnishedDirectory {

    static final Path PATH;
    static final String TOKEN;
    static final String SESSION;

    static {
        try {
            PATH = Files.createTempDirectory("furnished");
            Directories.deleteAtExit(PATH);
            var server = new TestServer();
            server.startIn(PATH);
            TOKEN = server.bootstrap();
            SESSION = server.login().split("=", 2)[1];
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private FurnishedDirectory() {}
}
