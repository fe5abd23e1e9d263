package io.resticfleet.server.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** To which addresses messages may go. */
class AllowedAddressesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.0.1",
                "fe80::1",
                "febf::1",
                "::ffff:169.254.169.254",
                "::169.254.169.254",
                "64:ff9b::169.254.169.254",
                "64:ff9b:1::169.254.169.254",
                "2002:a9fe:a9fe::1",
                "224.0.0.1",
                "ff02::1",
                "0.0.0.0",
                "0.1.2.3",
                "::",
                "255.255.255.255",
                "240.0.0.1",
                "::ffff:0.0.0.0",
                "2002:e000:1::"
            })
    void these_are_refused(String address) throws Exception {
        assertThat(AllowedAddresses.refusal(InetAddress.getByName(address))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "::1",
                "10.0.0.1",
                "192.168.1.1",
                "172.16.0.1",
                "fd00::1",
                "1.1.1.1",
                "2606:4700::1111",
                "64:ff9b::1.1.1.1",
                "2002:101:101::1",
                "169.253.255.255",
                "100.64.0.1"
            })
    void these_are_allowed(String address) throws Exception {
        assertThat(AllowedAddresses.refusal(InetAddress.getByName(address))).isEmpty();
    }
}
