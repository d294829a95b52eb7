enum SystemdServicePlaceholder {}
