package io.resticfleet.agent.question;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A FUSE file system that never answers, like a network mount whose server is gone: access hangs in the kernel, and fails
 * once it is closed. Mounted by a shell that does not read the requests.
 */
public final class HangingMount implements AutoCloseable {

    private static final String SCRIPT = """
            exec 3<>/dev/fuse || exit
            mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 hanging "$1" || exit
            echo mounted
            read end
            umount -l "$1"
            """;

    private final Path directory;
    private final Process shell;

    /** @param directory mount point, created if missing */
    public HangingMount(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        shell = new ProcessBuilder("sh", "-c", SCRIPT, "sh", directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var line = new BufferedReader(new InputStreamReader(shell.getInputStream())).readLine();
        if (!"mounted".equals(line)) {
            throw new IOException("cannot mount on " + directory);
        }
    }

    /** Whether this machine allows the mount: it needs root and FUSE. */
    public static boolean possible(Path directory) {
        try (var mount = new HangingMount(directory)) {
            return mount.shell.isAlive();
        } catch (IOException e) {
            return false;
        }
    }

    public Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        shell.getOutputStream().close();
        try {
            shell.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
