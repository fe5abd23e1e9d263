package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResticProgramTest {

    @TempDir
    Path root;

    @Test
    void the_version_is_found_within_the_timeout() throws Exception {
        assertThat(restic("echo restic 0.18.0 compiled").findVersion(Duration.ofSeconds(20)))
                .contains(new ResticVersion(0, 18, 0));
    }

    @Test
    void a_program_that_does_not_answer_is_given_up() throws Exception {
        assertThat(restic("exec sleep 15").findVersion(Duration.ofMillis(100))).isEmpty();
    }

    private ResticProgram restic(String script) throws Exception {
        var file = Files.writeString(root.resolve("restic"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new ResticProgram(file.toString(), "/usr/bin:/bin");
    }
}
