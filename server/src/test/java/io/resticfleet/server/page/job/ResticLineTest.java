package io.resticfleet.server.page.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResticLineTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "backup --host=web --tag=schedule:01J0 --one-file-system --limit-upload=512 --no-scan -- /etc /home",
                "backup --host=web '--exclude=*.tmp' '--exclude=it'\\''s; rm -rf /' -- '/home/a b' '/$(reboot)'",
                "backup --host=web -- --password-command=x",
                "forget --host=web --tag=schedule:01J0 --group-by=host --keep-last=1 --keep-daily=14 --keep-within=30d",
                "prune",
                "unlock"
            })
    void what_agents_call_is_shown(String call) {
        assertThat(ResticLine.of("running: restic --json " + call)).contains("restic " + call);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "running: restic backup -- /etc; reboot",
                "running: restic backup -- /etc && reboot",
                "running: restic backup -- `reboot`",
                "running: restic backup -- $(reboot)",
                "running: restic backup -- '/etc' | sh",
                "running: restic backup -- '/etc'$(reboot)",
                "running: restic backup -- '/etc",
                "running: restic backup -- '/etc\nreboot'",
                "running: restic backup -- '/etc\u001b[201~reboot'",
                "running: restic backup --password-command=reboot -- /etc",
                "running: restic backup '--password-command=reboot' -- /etc",
                "running: restic --password-command=reboot backup -- /etc",
                "running: restic backup -o sftp.command=reboot -- /etc",
                "running: restic backup --option=sftp.command=reboot -- /etc",
                "running: restic backup --host web -- /etc",
                "running: restic restore latest",
                "running: restic unlock --remove-all",
                "running: restic ",
                "running: restic  backup",
                "running: sh -c reboot",
                "restic backup -- /etc"
            })
    void what_agents_do_not_call_is_not(String line) {
        assertThat(ResticLine.of(line)).isEmpty();
    }
}
