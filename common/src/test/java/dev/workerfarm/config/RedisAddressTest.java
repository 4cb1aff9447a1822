package dev.workerfarm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {
    @Test
    void readsEveryPart() {
        assertThat(RedisAddress.parse("rediss://ann:secret@redis.example:6380/3"))
                .isEqualTo(new RedisAddress("redis.example", 6380, true, "ann", "secret", 3, TlsSettings.DEFAULT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://my_redis",
                "redis://my_redis/",
                "redis://my_redis:6379",
                "redis://my_redis:6379/",
                "REDIS://my_redis:6379/0",
                " redis://my_redis:6379/0\n",
                "redis://:@my_redis"
            })
    void fillsInPortAndDatabase(String url) {
        assertThat(RedisAddress.parse(url))
                .isEqualTo(new RedisAddress("my_redis", 6379, false, null, null, 0, TlsSettings.DEFAULT));
    }

    @Test
    void readsItsOwnDefault() {
        assertThat(RedisAddress.parse(RedisAddress.DEFAULT_URL))
                .hasToString(RedisAddress.DEFAULT_URL)
                .isEqualTo(new RedisAddress("127.0.0.1", 6379, false, null, null, 0, TlsSettings.DEFAULT));
    }

    @Test
    void takesIpv6OutOfItsBracketsAndPutsItBack() {
        var address = RedisAddress.parse("redis://[2001:db8::1]:7000/1");
        assertThat(address.host()).isEqualTo("2001:db8::1");
        assertThat(address.port()).isEqualTo(7000);
        assertThat(address.hostAndPort()).isEqualTo("[2001:db8::1]:7000");
        assertThat(RedisAddress.parse("redis://[::1]").hostAndPort()).isEqualTo("[::1]:6379");
    }

    @ParameterizedTest
    @CsvSource({
        "redis://a%40b:p%3A%2F%25@h,     a@b, p:/%",
        "redis://:p+q@h,                 ,    p+q",
        "redis://u:z%C3%BCrich@h,        u,   zürich",
        "redis://u:a:b@h,                u,   a:b",
        "redis://u:not/encoded@too@h,    u,   not/encoded@too",
        "redis://u:end%41@h,             u,   endA",
    })
    void decodesCredentials(String url, String user, String password) {
        var address = RedisAddress.parse(url);
        assertThat(address.user()).isEqualTo(user);
        assertThat(address.password()).isEqualTo(password);
        assertThat(address.host()).isEqualTo("h");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1:6379              | does not start with redis://",
                "http://h:6379               | does not start with redis://",
                "://h                        | does not start with redis://",
                "redis://                    | no host",
                "redis://:6379               | no host",
                "redis://h:port              | port 'port' is not a number",
                "redis://h:                  | port '' is not a number",
                "redis://h:70000             | port 70000 is not within",
                "redis://h:0                 | port 0 is not within",
                "redis://h:-1                | port '-1' is not a number",
                "redis://h/one               | database 'one' is not a number",
                "redis://h/0/                | database '0/' is not a number",
                "redis://h/0?timeout=3       | query",
                "redis://h1,h2:6379          | not one host",
                "redis://a b                 | not one host",
                "redis://::1:6379            | goes into [ ]",
                "redis://[::1:6379           | closing ]",
                "redis://[::1]6379           | follows the ]",
                "redis://[host]:6379         | no IPv6 address",
                "redis://secret@h            | user:password@ or :password@",
                "redis://ann:@h              | user without a password",
                "redis://ann:secret%4@h      | %25",
                "redis://ann:secret%zz@h     | %25",
                "redis://ann:secret@h:x      | port 'x'",
                "redis://ann:sec/ret@h:x     | port 'x'",
            })
    void saysWhatIsWrongWithoutThePassword(String url, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisAddress.parse(url))
                .withMessageContaining(problem)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("sec"));
    }

    @Test
    void masksThePassword() {
        assertThat(RedisAddress.parse("rediss://ann:secret@h/2")).hasToString("rediss://ann:***@h:6379/2");
        assertThat(RedisAddress.parse("redis://:secret@h")).hasToString("redis://:***@h:6379/0");
    }
}
