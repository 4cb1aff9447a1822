package dev.workerfarm.worker.download.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowListTest {
    @ParameterizedTest
    @CsvSource({
        "images.example.com, images.example.com, true",
        "images.example.com, IMAGES.example.com., true",
        "Images.Example.COM, images.example.com, true",
        "images.example.com, example.com, false",
        "images.example.com, x.images.example.com, false",
        "images.example.com, images.example.com.evil.test, false",
        "*.example.com, a.example.com, true",
        "*.example.com, a.b.example.com, true",
        "*.example.com, example.com, false",
        "*.example.com, evilexample.com, false",
        "*.example.com, .example.com, true",
        "minio, minio, true",
        "my_bucket.local, my_bucket.local, true",
        "bücher.example, xn--bcher-kva.example, true",
    })
    void matchesHostNamesWholeOrBelowAWildcard(String entry, String host, boolean allowed) {
        assertThat(AllowList.parse(entry).allowsHost(host)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.3, true",
        "10.1.2.3, 10.1.2.4, false",
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.9.9.9/8, 10.1.1.1, true",
        "172.16.0.0/12, 172.31.255.255, true",
        "172.16.0.0/12, 172.32.0.0, false",
        "0.0.0.0/0, 127.0.0.1, true",
        "0.0.0.0/0, ::1, false",
        "::1, ::1, true",
        "fd00::/8, fdff::1, true",
        "fd00::/8, fc00::1, false",
        "fd12:3456::/33, fd12:3456:7fff::1, true",
        "fd12:3456::/33, fd12:3456:8000::1, false",
        "::/0, 10.0.0.1, false",
    })
    void matchesAddressesByBlock(String entry, String address, boolean allowed) throws UnknownHostException {
        assertThat(AllowList.parse(entry).allowsAddress(AddressBlock.bytesOf(InetAddress.getByName(address))))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "*.",
                "*.*.com",
                "a.*.com",
                "exa mple.com",
                "http://example.com",
                "example.com:8080",
                "example.com/x",
                "user@example.com",
                "[::1]",
                "::ffff:10.0.0.1",
                "fe80::1%eth0",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10.0.0.0/8/8",
                "10.0.0",
                "010.0.0.1",
                "256.0.0.1",
                "2130706433",
                "0x7f.1",
                "0x7f000001",
                "1.2.3.4.5",
                ":::",
                "-a.example",
                "a..b"
            })
    void namesTheEntryThatItCannotRead(String entry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AllowList.parse("example.com, " + entry))
                .withMessageStartingWith("FARM_DOWNLOAD_ALLOW: '" + entry + "' is neither");
    }

    @Test
    void ignoresSpacesAndEmptyEntries() {
        AllowList list = AllowList.parse(" , minio ,, 10.0.0.1 ,");

        assertThat(list.allowsHost("minio")).isTrue();
        assertThat(list.allowsHost("")).isFalse();
        assertThat(list.allowsAddress(new byte[] {10, 0, 0, 1})).isTrue();
        assertThat(list.allowsAddress(new byte[] {0, 0, 0, 0})).isFalse();
    }
}
