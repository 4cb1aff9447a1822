/** What is in the folder {@code deploy}, tried without a cluster. */
@NullMarked
package dev.workerfarm.deploy;

import org.jspecify.annotations.NullMarked;
