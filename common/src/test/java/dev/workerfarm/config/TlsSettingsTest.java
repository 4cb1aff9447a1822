package dev.workerfarm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables; what they do on the network is in TlsIT. */
class TlsSettingsTest {
    @TempDir
    private Path folder;

    @Test
    void isTheDefaultWhereNothingIsSet() {
        assertThat(TlsSettings.from(Map.of())).isSameAs(TlsSettings.DEFAULT);
        assertThat(TlsSettings.from(Map.of("FARM_TLS_CA", "", "FARM_TLS_CERT", "", "FARM_TLS_KEY", " ")))
                .isSameAs(TlsSettings.DEFAULT);
    }

    @Test
    void isReadForTlsAlone() {
        var missing = Map.of("FARM_TLS_CA", "/nowhere/ca.pem", "FARM_AMQP_URL", "amqp://h");

        assertThat(BrokerAddress.from(missing).tls()).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BrokerAddress.from(Variables.merge(missing, Map.of("FARM_AMQP_URL", "amqps://h"))))
                .withMessageStartingWith("FARM_TLS_CA: cannot read the file /nowhere/ca.pem");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisAddress.from(Variables.merge(missing, Map.of("FARM_REDIS_URL", "rediss://h"))))
                .withMessageStartingWith("FARM_TLS_CA: cannot read the file /nowhere/ca.pem");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no certificate",
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA"
            })
    void namesTheVariableOfAFileWithoutCertificates(String pem) throws IOException {
        var file = Files.writeString(folder.resolve("ca.pem"), pem).toString();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsSettings.from(Map.of("FARM_TLS_CA", file)))
                .withMessageStartingWith("FARM_TLS_CA: " + file);
    }

    @Test
    void takesACertificateAndItsKeyTogether() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsSettings.from(Map.of("FARM_TLS_CERT", "cert.pem")))
                .withMessageStartingWith("of FARM_TLS_CERT and FARM_TLS_KEY only one is set");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nc2VjcmV0=\n-----END PRIVATE KEY-----\n"
            })
    void refusesAnotherKeyWithoutQuotingIt(String pem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsSettings.privateKey("FARM_TLS_KEY: key.pem", pem))
                .withMessageStartingWith("FARM_TLS_KEY: key.pem holds no RSA or EC key")
                .withMessageNotContaining("c2VjcmV0")
                .withNoCause();
    }
}
