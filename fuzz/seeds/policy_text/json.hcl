{"path": {"secret/*": {"capabilities": ["read"]}}}
