package dev.workerfarm.worker.download;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workerfarm.worker.download.address.AllowList;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private final AddressGuard guard = new AddressGuard(AllowList.NONE);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0.0.0.0              | the any-local address
            0.1.2.3              | an address of this network
            10.0.0.0             | a private address
            10.255.255.255       | a private address
            100.64.0.1           | a carrier-grade NAT address
            100.100.100.200      | a carrier-grade NAT address
            100.127.255.255      | a carrier-grade NAT address
            127.0.0.1            | a loopback address
            127.255.255.254      | a loopback address
            168.63.129.16        | a cloud metadata address
            169.254.169.254      | a link-local address
            172.16.0.1           | a private address
            172.31.255.255       | a private address
            192.0.0.192          | an address of a protocol assignment
            192.0.2.7            | a documentation address
            192.88.99.1          | a 6to4 relay address
            192.168.1.1          | a private address
            198.18.0.1           | a benchmarking address
            198.19.255.255       | a benchmarking address
            198.51.100.7         | a documentation address
            203.0.113.7          | a documentation address
            224.0.0.1            | a multicast address
            239.255.255.250      | a multicast address
            240.0.0.1            | a reserved address
            255.255.255.255      | the broadcast address
            ::                   | the any-local address
            ::1                  | a loopback address
            ::7f00:1             | an IPv4-compatible address
            ::808:808            | an IPv4-compatible address
            ::ffff:127.0.0.1     | a loopback address
            ::ffff:0:7f00:1      | not a global unicast address
            64:ff9b::7f00:1      | a way to 127.0.0.1, a loopback address
            64:ff9b::a9fe:a9fe   | a way to 169.254.169.254, a link-local address
            64:ff9b:1::808:808   | a local NAT64 address
            100::1               | a discard-only address
            2001:0:a00:1::f7f7:f7f7   | a way to 10.0.0.1, a private address
            2001:0:808:808::f5ff:fffe | a way to 10.0.0.1, a private address
            2001:2::1            | an address of a protocol assignment
            2001:20::1           | an address of a protocol assignment
            2001:db8::1          | a documentation address
            2002:7f00:1::1       | a way to 127.0.0.1, a loopback address
            2002:c0a8:101::1     | a way to 192.168.1.1, a private address
            2a00:1450::5efe:a00:1     | a way to 10.0.0.1, a private address
            2a00:1450::200:5efe:a00:1 | a way to 10.0.0.1, a private address
            3fff:fff::1          | a documentation address
            4000::1              | not a global unicast address
            5f00::1              | not a global unicast address
            fc00::1              | a private address
            fd00:ec2::254        | a private address
            fe80::1              | a link-local address
            fec0::1              | a site-local address
            ff02::1              | a multicast address
            """)
    void refusesWhatIsNotAPublicHostAndSaysWhatItIs(String address, String what) throws IOException {
        InetAddress resolved = InetAddress.getByName(address);

        assertThatExceptionOfType(DownloadException.class)
                .isThrownBy(() -> guard.check(new InetSocketAddress(resolved, 80)))
                .withMessage("refused: %s is %s (allow it with FARM_DOWNLOAD_ALLOW)", resolved.getHostAddress(), what);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.1",
                "192.167.255.255",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2a00:1450:4001::1",
                "2001:200::1",
                "2001:4860:4860::8888",
                "64:ff9b::808:808",
                "2002:808:808::1",
                "2001:0:808:808::f7f7:f7f7",
                "3ffe:ffff::1"
            })
    void letsPublicAddressesThrough(String address) throws IOException {
        InetAddress resolved = InetAddress.getByName(address);

        assertThatCode(() -> guard.check(new InetSocketAddress(resolved, 80))).doesNotThrowAnyException();
    }

    @Test
    void seesThroughAnIpv4MappedAddressObject() throws IOException {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};
        InetAddress address = Inet6Address.getByAddress("mapped.test", mapped, -1);

        assertThatExceptionOfType(DownloadException.class)
                .isThrownBy(() -> guard.check(new InetSocketAddress(address, 80)))
                .withMessageContaining("is a loopback address");
    }

    @Test
    void refusesAPublicAddressOfThisMachine() throws IOException {
        AddressGuard guard = new AddressGuard(AllowList.NONE, address -> true);

        assertThatExceptionOfType(DownloadException.class)
                .isThrownBy(() -> guard.check(target("mirror.test", 8, 8, 8, 8)))
                .withMessage("refused: mirror.test: 8.8.8.8 is an address of this machine"
                        + " (allow it with FARM_DOWNLOAD_ALLOW)");
    }

    @Test
    void refusesATargetThatIsNotResolved() {
        assertThatExceptionOfType(DownloadException.class)
                .isThrownBy(() -> guard.check(InetSocketAddress.createUnresolved("example.com", 80)))
                .withMessageStartingWith("refused: ");
    }

    @Test
    void letsAnAllowedNameReachAnyAddressButOtherNamesNot() throws IOException {
        AddressGuard guard = new AddressGuard(AllowList.parse("minio"));

        guard.check(target("minio", 10, 0, 0, 1));
        assertThatExceptionOfType(DownloadException.class)
                .isThrownBy(() -> guard.check(target("evil.test", 10, 0, 0, 1)))
                .withMessage("refused: evil.test: 10.0.0.1 is a private address (allow it with FARM_DOWNLOAD_ALLOW)");
    }

    @Test
    void letsAnyNameReachAnAllowedBlock() throws IOException {
        AddressGuard guard = new AddressGuard(AllowList.parse("10.0.0.0/24"));

        guard.check(target("whatever.test", 10, 0, 0, 255));
        assertThatExceptionOfType(DownloadException.class)
                .isThrownBy(() -> guard.check(target("whatever.test", 10, 0, 1, 0)));
    }

    private static InetSocketAddress target(String host, int... address) throws UnknownHostException {
        byte[] bytes = new byte[address.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) address[i];
        }
        return new InetSocketAddress(InetAddress.getByAddress(host, bytes), 80);
    }
}
