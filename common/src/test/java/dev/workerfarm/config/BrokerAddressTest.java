package dev.workerfarm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerAddressTest {
    @ParameterizedTest
    @CsvSource({
        "amqp://h, /",
        "amqp://h/, /",
        "amqp://h//, /",
        "amqp://h/%2f, /",
        "amqp://h/%2F, /",
        "amqp://h/foo, foo",
        "amqp://h/a%2fb, a/b",
        "amqp://h/%2ffoo, /foo",
        "amqp://h/a+b%20c, a+b c",
        "amqp://h/f%C3%BC, fü"
    })
    void readsEveryFormOfAVhost(String url, String vhost) {
        assertThat(BrokerAddress.parse(url).vhost()).isEqualTo(vhost);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            amqp://h            | h:5672
            amqps://h           | h:5671
            amqp://h:1          | h:1
            amqp://h:65535/v    | h:65535
            amqp://a,b:7,c/v    | a:5672, b:7, c:5672
            amqp://[::1]        | [::1]:5672
            amqp://[fe80::1]:7  | [fe80::1]:7
            amqp://[::1]:7,b    | [::1]:7, b:5672
            amqp://u:p@10.0.0.1 | 10.0.0.1:5672
            """)
    void readsHostsAndPorts(String url, String hosts) {
        assertThat(BrokerAddress.parse(url).hostList()).isEqualTo(hosts);
    }

    @ParameterizedTest
    @CsvSource({
        "amqp://h, guest, guest",
        "amqp://u@h, u, ''",
        "amqp://u:@h, u, ''",
        "amqp://u:p@h, u, p",
        "amqp://u:p:q@h, u, p:q",
        "amqp://u:p@q@h, u, p@q",
        "amqp://u:p%40%2F%3a@h, u, p@/:",
        "amqp://a+b:c+d@h, a+b, c+d",
        "amqp://%C3%BC:%F0%9F%98%80@h, ü, 😀"
    })
    void readsCredentials(String url, String user, String password) {
        assertThat(BrokerAddress.parse(url))
                .extracting(BrokerAddress::user, BrokerAddress::password)
                .containsExactly(user, password);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h:5672",
                "http://u:secret@h",
                "AMQP://u:secret@h",
                "amqp:/h",
                "amqp://",
                "amqp:///v",
                "amqp://u:secret@",
                "amqp://u:secret@/v",
                "amqp://u:secret@h,",
                "amqp://u:secret@,h",
                "amqp://u:secret@h:",
                "amqp://u:secret@h:0",
                "amqp://u:secret@h:65536",
                "amqp://u:secret@h:-1",
                "amqp://u:secret@h:+5672",
                "amqp://u:secret@h:99999999999",
                "amqp://u:secret@h:5x",
                "amqp://u:secret@h:٣",
                "amqp://u:secret@h:1:2",
                "amqp://u:secret@::1",
                "amqp://u:secret@[::1",
                "amqp://u:secret@[]",
                "amqp://u:secret@[::1]7",
                "amqp://u:secret@[::1]x7",
                "amqp://u:secret@h/a/b",
                "amqp://u:secret@h/foo/",
                "amqp://u:secret@h///",
                "amqp://u:secret@h/v?heartbeat=1",
                "amqp://u:secret@h/v#x",
                "amqp://u:secret%@h",
                "amqp://u:%zzsecret@h",
                "amqp://u:se/cret@h",
                "amqp://u:secret/x@h",
                "amqp://u:12/secret@h",
                "amqp://u:secret?@h",
                "amqp://u:secret@h h",
                "amqp://u:secret@h/%zz"
            })
    void refusesOtherFormsWithoutShowingThePassword(String url) {
        assertThatThrownBy(() -> BrokerAddress.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("FARM_AMQP_URL: ")
                .satisfies(e -> {
                    var stack = new StringWriter();
                    e.printStackTrace(new PrintWriter(stack));
                    assertThat(stack.toString()).doesNotContain("secret").doesNotContain("cret");
                });
    }

    @Test
    void masksThePasswordInItsText() {
        assertThat(BrokerAddress.parse("amqps://u:secret@a,[::1]:7/v")).hasToString("amqps://u:***@a:5671,[::1]:7/v");
        assertThat(BrokerAddress.parse("amqp://h")).hasToString("amqp://guest:***@h:5672/");
    }

    @Test
    void readsItsOwnDefault() {
        assertThat(BrokerAddress.parse(BrokerAddress.DEFAULT_URL))
                .hasToString("amqp://guest:***@127.0.0.1:5672/")
                .extracting(BrokerAddress::tls)
                .isEqualTo(false);
    }
}
