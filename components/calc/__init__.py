"""Pure calculation for the platform: names, ARNs, documents and checks, with no pulumi, no AWS client and no I/O."""
