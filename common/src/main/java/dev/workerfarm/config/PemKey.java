package dev.workerfarm.config;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** A private key in a PEM file, PKCS#8 as {@code openssl genpkey} writes it. Stateless. */
final class PemKey {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

    private PemKey() {}

    /**
     * Reads the first key.
     *
     * @param subject what the error's text calls the file
     * @throws IllegalArgumentException if there is none, without its text
     */
    static PrivateKey parse(String subject, String pem) {
        var block = BLOCK.matcher(pem);
        if (block.find()) {
            for (var algorithm : ALGORITHMS) {
                try {
                    var encoded = Base64.getMimeDecoder().decode(block.group(1));
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    // A key of another algorithm, which nothing outside it says, or a damaged one.
                }
            }
        }
        throw new IllegalArgumentException(subject + " holds no RSA or EC key of the form -----BEGIN PRIVATE KEY-----;"
                + " openssl pkcs8 -topk8 -nocrypt -in KEY makes it from another form");
    }
}
